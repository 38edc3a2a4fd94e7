import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type Generation } from '../../kernel/index.js';
import {
  type DataSource,
  type ModuleContext,
  type ModuleLogger,
  type ModuleSettings,
  type SettingsListener,
} from '../../sdk/index.js';

/** The context of a module whose code runs elsewhere, as far as the host itself has use for it. */
export class RemoteContext implements ModuleContext {
  readonly module: ModuleContext['module'];

  constructor(
    private readonly generation: Generation,
    readonly logger: ModuleLogger,
    private readonly findHostUrl: () => string,
  ) {
    const { name, version } = generation.release;
    this.module = { name, version };
  }

  get hostUrl(): string {
    return this.findHostUrl();
  }

  get settings(): ModuleSettings {
    return this.generation.part('settings').values;
  }

  get dataSource(): DataSource {
    throw this.#elsewhere('data source');
  }

  get(): never {
    throw this.#elsewhere('providers');
  }

  onSettingsChanged(listener: SettingsListener): () => void {
    return this.generation.part('settings').onChange(listener);
  }

  #elsewhere(what: string): NestdockError {
    return new NestdockError('PROVIDER_NOT_FOUND', `the ${what} of ${this.generation.id} are in its own process`);
  }
}
