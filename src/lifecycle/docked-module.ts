import { ModuleLifecycle, type ModuleLifecycleOptions } from './module-lifecycle.js';
import { OperationQueue } from './operation-queue.js';

/** All that this host knows of one module while it runs. */
export class DockedModule {
  readonly lifecycle: ModuleLifecycle;
  readonly operations = new OperationQueue();
  /** Names of the modules that the release needs which was built last. */
  needs: readonly string[] = [];

  constructor(name: string, options: ModuleLifecycleOptions) {
    this.lifecycle = new ModuleLifecycle(name, options);
  }
}
