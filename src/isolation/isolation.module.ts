import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { INCIDENTS } from '../kernel/index.js';
import { ModuleUsers } from './host/module-users.js';
import { Reaper } from './host/reaper.js';
import { Spawner } from './host/spawner.js';
import { IsolationCapability } from './isolation.capability.js';

/** Runs modules in processes of their own. */
@Module({})
export class IsolationModule {
  /** @param imports what exports the `INCIDENTS`, and the host's address */
  static forRoot({ imports }: Required<Pick<ModuleMetadata, 'imports'>>): DynamicModule {
    return {
      module: IsolationModule,
      imports,
      providers: [
        IsolationCapability,
        ModuleUsers,
        Reaper,
        Spawner,
        { provide: INCIDENTS, useValue: { report: () => undefined } },
      ],
      exports: [IsolationCapability],
    };
  }
}
