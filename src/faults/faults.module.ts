import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { FaultNet } from './fault-net.js';
import { Intrinsics } from './intrinsics.js';
import { ModuleFaults } from './module-faults.js';
import { ProcessGuard } from './process-guard.js';

/** Puts faults down to modules. The process itself is changed only by whoever asks for it: see `spreadNet`. */
@Module({})
export class FaultsModule {
  /** @param imports what exports the `CODE_ORIGINS` */
  static forRoot({ imports }: Required<Pick<ModuleMetadata, 'imports'>>): DynamicModule {
    const offered = [FaultNet, Intrinsics, ModuleFaults, ProcessGuard];
    return { module: FaultsModule, imports, providers: offered, exports: offered };
  }
}
