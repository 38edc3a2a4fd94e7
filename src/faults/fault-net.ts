import { Inject, Injectable } from '@nestjs/common';
import { CODE_ORIGINS, type CodeOrigins } from '../kernel/index.js';
import { attribute, thrownError } from './attribution.js';
import { type FaultKind, ModuleFaults } from './module-faults.js';

/** What the net is spread under. */
export type FaultSource = Pick<NodeJS.Process, 'on' | 'removeListener'>;

/** Catches what nothing else has caught: a module's fault is reported and goes no further. */
@Injectable()
export class FaultNet {
  constructor(
    @Inject(CODE_ORIGINS) private readonly origins: CodeOrigins,
    private readonly faults: ModuleFaults,
  ) {}

  /**
   * @param onHostFault told what no module can be blamed for: nobody knows what state the host is in then
   * @returns what takes the net away
   */
  install(source: FaultSource, onHostFault: (error: Error, kind: FaultKind) => void): () => void {
    const caught = (kind: FaultKind) => (thrown: unknown) => {
      const error = thrownError(thrown);
      const whose = attribute(error, this.origins);
      if (whose) this.faults.report(kind, error, whose);
      else onHostFault(error, kind);
    };
    const onException = caught('exception');
    const onRejection = caught('rejection');
    source.on('uncaughtException', onException);
    source.on('unhandledRejection', onRejection);
    return () => {
      source.removeListener('uncaughtException', onException);
      source.removeListener('unhandledRejection', onRejection);
    };
  }
}
