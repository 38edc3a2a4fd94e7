import { type Problem } from '../common/errors/problem.js';
import { type DockedTrial } from './docked-trial.js';
import { ModuleLifecycle, type ModuleLifecycleOptions } from './module-lifecycle.js';
import { OperationQueue } from './operation-queue.js';

/** All that this host knows of one module while it runs. */
export class DockedModule {
  readonly lifecycle: ModuleLifecycle;
  readonly operations = new OperationQueue();
  /** Names of the modules that the release needs which was built last. */
  needs: readonly string[] = [];
  /** By which the generation that serves came to serve; null where none did yet. */
  rollout: string | null = null;
  /** What went wrong with it on this host last; null once it serves. */
  error: Problem | null = null;
  /** undefined where nothing is on trial here. */
  trial: DockedTrial | undefined;
  /** Of the module's row that was last acted on, however that went. */
  seenRevision = 0;
  /** Of the module's row: what it has made true here; 0: nothing yet. */
  revision = 0;

  constructor(name: string, options: ModuleLifecycleOptions) {
    this.lifecycle = new ModuleLifecycle(name, options);
  }
}
