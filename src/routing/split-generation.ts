import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type TrialShare } from '../kernel/index.js';
import { type ServedGeneration } from './served-generation.js';
import { userOf } from './user-of.js';

/** Two generations of one module: one on trial serves its share of the users, the other one the rest. */
export class SplitGeneration {
  constructor(
    readonly main: ServedGeneration,
    readonly trial: ServedGeneration,
    private readonly share: TrialShare,
    private readonly userHeader: string | undefined,
  ) {}

  /** Takes a request in, before its body is parsed. */
  dispatch(request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
    const served = this.share.has(userOf(request, this.userHeader)) ? this.trial : this.main;
    served.dispatch(request, reply, done);
  }
}
