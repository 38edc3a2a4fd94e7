import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { EventLoopHealth } from './event-loop-health.js';
import { Watchdog } from './watchdog.js';

/** How the host itself does. */
@Module({})
export class VitalsModule {
  /** @param imports what exports the `CODE_ORIGINS` */
  static forRoot({ imports }: Required<Pick<ModuleMetadata, 'imports'>>): DynamicModule {
    const offered = [EventLoopHealth, Watchdog];
    return { module: VitalsModule, imports, providers: offered, exports: offered };
  }
}
