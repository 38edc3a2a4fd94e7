import { Module } from '@nestjs/common';
import { CompositionCapability } from './composition.capability.js';
import { ContextCapability } from './context.capability.js';
import { ModuleExports } from './exports/module-exports.js';
import { HostUrl } from './host-url.js';
import { ModuleProviders } from './module-providers.js';
import { NestDock } from './nest/nest-dock.js';
import { NestInternals } from './nest-internals.js';

/** Makes running modules of what their bundles export. */
@Module({
  providers: [
    NestInternals,
    NestDock,
    HostUrl,
    ModuleProviders,
    ModuleExports,
    ContextCapability,
    CompositionCapability,
  ],
  exports: [ContextCapability, CompositionCapability, HostUrl],
})
export class CompositionModule {}
