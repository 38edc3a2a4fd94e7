import { Inject, Injectable } from '@nestjs/common';
import { describeProblem } from '../common/errors/describe-problem.js';
import { codedError, failureProblem } from '../common/errors/failure-problem.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { SecretRegistry } from '../common/redaction/secret-registry.js';
import { type DockedModule } from './docked-module.js';
import { ModuleRecords } from './module-records.js';

/** Keeps what went wrong with a module where operators look: in the log, and with the module; its secrets in neither. */
@Injectable()
export class ModuleFailures {
  constructor(
    private readonly records: ModuleRecords,
    private readonly secrets: SecretRegistry,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * @param status what the failure makes the module
   * @returns the error for whoever asked; it says what is still serving
   */
  async record(docked: DockedModule, thrown: unknown, status?: 'REGISTERED'): Promise<NestdockError> {
    const { name, serving } = docked.lifecycle;
    const error = codedError(thrown, 'MODULE_LOAD_FAILED');
    const problem = this.secrets.redact(failureProblem(error));
    this.logger.error({ module: name, code: error.code }, describeProblem(problem));
    docked.error = problem;
    if (!wasTakenAway(error) && !wasOvertaken(error)) await this.records.fail(name, problem, status);
    if (!serving) return error;
    return new NestdockError(error.code, error.message, {
      cause: error,
      problems: error.problems,
      extensions: { ...error.extensions, serving: { version: serving.release.version, generation: serving.number } },
    });
  }

  /** Takes down what is loaded of a module; what cannot be taken back is kept with it. */
  async takeDown(docked: DockedModule): Promise<void> {
    const { lifecycle } = docked;
    docked.error = null;
    if (lifecycle.state === 'idle') return;
    try {
      await lifecycle.unload();
    } catch (thrown) {
      const problem = this.secrets.redact(failureProblem(codedError(thrown, 'UNLOAD_INCOMPLETE')));
      this.logger.error({ module: lifecycle.name, err: thrown }, problem.title);
      docked.error = problem;
      await this.records.fail(lifecycle.name, problem);
    }
  }
}

/** Others have changed the module meanwhile, or are about to: nothing is wrong with the module itself. */
const wasOvertaken = (error: unknown): boolean => error instanceof NestdockError && OVERTAKEN.has(error.code);

const OVERTAKEN: ReadonlySet<string> = new Set(['REVISION_CONFLICT', 'ROLLOUT_CONFLICT', 'ROLLOUT_ABANDONED']);

/** The module was disabled or removed while it was being loaded. */
export const wasTakenAway = (error: unknown): boolean =>
  error instanceof NestdockError && (error.code === 'MODULE_NOT_ENABLED' || error.code === 'MODULE_NOT_FOUND');
