import { type DynamicModule, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { CAPABILITIES, type Capability, MODULE_STATE_READER } from '../kernel/index.js';
import { ModuleLoaderService } from './module-loader.service.js';
import { ModuleRecords } from './module-records.js';
import { ModuleRegistryService } from './module-registry.service.js';
import { ModuleTransactions } from './module-transactions.js';
import { ModuleWatcher } from './module-watcher.js';

export interface LifecycleOptions {
  /** Nest modules that export the capabilities and the release builder. */
  readonly imports: NonNullable<ModuleMetadata['imports']>;
  /** In the order of attaching. */
  readonly capabilities: readonly Type<Capability>[];
}

@Module({})
export class LifecycleModule {
  static forRoot({ imports, capabilities }: LifecycleOptions): DynamicModule {
    return {
      module: LifecycleModule,
      imports,
      providers: [
        {
          provide: CAPABILITIES,
          useFactory: (...attached: Capability[]) => attached,
          inject: [...capabilities],
        },
        ModuleRecords,
        ModuleTransactions,
        ModuleLoaderService,
        ModuleRegistryService,
        ModuleWatcher,
        { provide: MODULE_STATE_READER, useExisting: ModuleLoaderService },
      ],
      exports: [ModuleLoaderService, ModuleRegistryService, ModuleWatcher, MODULE_STATE_READER],
    };
  }
}
