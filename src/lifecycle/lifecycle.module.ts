import { type DynamicModule, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { CAPABILITIES, type Capability, MODULE_STATE_READER } from '../kernel/index.js';
import { DependencyRecords } from './dependency-records.js';
import { DockedModules } from './docked-modules.js';
import { ModuleDependencies } from './module-dependencies.js';
import { ModuleFailures } from './module-failures.js';
import { ModuleFollowing } from './module-following.js';
import { LoadJournal } from './load-journal.js';
import { ModuleLoaderService } from './module-loader.service.js';
import { ModuleMaintenance } from './module-maintenance.js';
import { ModuleOperations } from './module-operations.js';
import { ModuleQuarantine } from './module-quarantine.js';
import { ModuleRecords } from './module-records.js';
import { ModuleRegistryService } from './module-registry.service.js';
import { ModuleReleases } from './module-releases.js';
import { ModuleTransactions } from './module-transactions.js';
import { ModuleTrialRuns } from './module-trial-runs.js';
import { ModuleTrials } from './module-trials.js';
import { ModuleWatcher } from './module-watcher.js';

export interface LifecycleOptions {
  /** Nest modules that export the capabilities, the release builder, and what counts faults and what was left behind. */
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
        DependencyRecords,
        ModuleTransactions,
        LoadJournal,
        DockedModules,
        ModuleQuarantine,
        ModuleReleases,
        ModuleTrials,
        ModuleTrialRuns,
        ModuleDependencies,
        ModuleFailures,
        ModuleFollowing,
        ModuleOperations,
        ModuleLoaderService,
        ModuleMaintenance,
        ModuleRegistryService,
        ModuleWatcher,
        { provide: MODULE_STATE_READER, useExisting: ModuleLoaderService },
      ],
      exports: [
        ModuleLoaderService,
        ModuleMaintenance,
        ModuleRegistryService,
        ModuleTrialRuns,
        ModuleTrials,
        ModuleWatcher,
        MODULE_STATE_READER,
      ],
    };
  }
}
