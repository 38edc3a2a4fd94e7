import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { type FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, type onRequestHookHandler } from 'fastify';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { sendProblem } from '../common/errors/send-problem.js';
import { isAdminRequest } from './request-area.js';
import { AdminToken } from './admin-token.js';

/**
 * Closes every host route under `/api/v1` to whoever does not show the admin token, before the body is read.
 *
 * A hook of Fastify's and no Nest guard: a global guard would meet the modules' routes too, and one that each controller
 * must name would one day be forgotten.
 */
@Injectable()
export class AdminTokenGuard implements OnModuleInit {
  constructor(
    private readonly token: AdminToken,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost<FastifyAdapter>,
  ) {}

  onModuleInit(): void {
    const plugin = async (instance: FastifyInstance): Promise<void> => {
      instance.addHook('onRequest', this.check);
    };
    // Registered rather than hooked at once: whatever was registered before, such as CORS and security headers, then
    // runs before, and its headers stand on the 401 too. The mark makes the hook the host's own, not a child context's.
    this.host.httpAdapter.getInstance<FastifyInstance>().register(Object.assign(plugin, { [SKIP_OVERRIDE]: true }));
  }

  private readonly check: onRequestHookHandler = (request, reply, done) => {
    if (!isAdminRequest(request) || this.token.accepts(request.headers.authorization)) done();
    else refuse(request, reply);
  };
}

/** Fastify's mark of a plugin that shares the context it is registered in. */
const SKIP_OVERRIDE = Symbol.for('skip-override');

function refuse({ headers }: FastifyRequest, reply: FastifyReply): void {
  const shown = headers.authorization !== undefined;
  // RFC 6750, section 3: a request that shows nothing gets no error attribute.
  reply.header('www-authenticate', `Bearer realm="nestdock"${shown ? ', error="invalid_token"' : ''}`);
  const detail = shown ? 'This is not the admin token' : 'This route wants the admin token';
  sendProblem(reply, new NestdockError('UNAUTHORIZED', detail).toProblem());
}
