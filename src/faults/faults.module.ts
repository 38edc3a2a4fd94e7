import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { FaultNet } from './fault-net.js';
import { FaultsCapability } from './faults.capability.js';
import { ModuleFaults } from './module-faults.js';
import { ProcessGuard } from './process-guard.js';
import { ProcessListeners } from './process-listeners.js';

/** Puts faults down to modules. The process itself is changed only by whoever asks for it: see `spreadNet`. */
@Module({})
export class FaultsModule {
  /** @param imports what exports the `CODE_ORIGINS` */
  static forRoot({ imports }: Required<Pick<ModuleMetadata, 'imports'>>): DynamicModule {
    const offered = [FaultNet, FaultsCapability, ModuleFaults, ProcessGuard, ProcessListeners];
    return { module: FaultsModule, imports, providers: offered, exports: offered };
  }
}
