import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { ModuleUsers } from './host/module-users.js';
import { Reaper } from './host/reaper.js';
import { Spawner } from './host/spawner.js';
import { IsolationCapability } from './isolation.capability.js';

/** Runs modules in processes of their own. */
@Module({})
export class IsolationModule {
  /** @param imports what exports the host's address, and what modules may be made of */
  static forRoot({ imports }: Required<Pick<ModuleMetadata, 'imports'>>): DynamicModule {
    return {
      module: IsolationModule,
      imports,
      providers: [IsolationCapability, ModuleUsers, Reaper, Spawner],
      exports: [IsolationCapability],
    };
  }
}
