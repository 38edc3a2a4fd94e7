import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { LeftBehind } from './left-behind.js';
import { ProcessListeners } from './process-listeners.js';
import { ResourcesCapability } from './resources.capability.js';
import { UnloadedCode } from './unloaded-code.js';

/** Keeps book of what modules make. The process itself is changed only by whoever asks for it: see `watchProcess`. */
@Module({})
export class ResourcesModule {
  /** @param imports what exports the `CODE_ORIGINS` */
  static forRoot({ imports }: Required<Pick<ModuleMetadata, 'imports'>>): DynamicModule {
    const offered = [LeftBehind, ProcessListeners, ResourcesCapability, UnloadedCode];
    return { module: ResourcesModule, imports, providers: offered, exports: offered };
  }
}
