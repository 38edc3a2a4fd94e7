import { Module } from '@nestjs/common';
import { CODE_ORIGINS, RELEASE_BUILDER } from '../kernel/index.js';
import { BundleCache } from './cache/bundle-cache.js';
import { BundleCompiler } from './compiler/bundle-compiler.js';
import { ModuleScopes } from './compiler/module-scopes.js';
import { CodeCapability } from './evaluation/code.capability.js';
import { TimeLimitedCall } from './evaluation/time-limited-call.js';
import { HostPackages } from './host-packages.js';
import { ModuleReleaseBuilder } from './module-release-builder.js';
import { StackTraceMapper } from './stack-traces/stack-trace-mapper.js';

/** Makes releases of folders, and runs their code. Takes the host's configuration from the global `ConfigModule`. */
@Module({
  providers: [
    BundleCache,
    BundleCompiler,
    CodeCapability,
    HostPackages,
    ModuleScopes,
    StackTraceMapper,
    TimeLimitedCall,
    { provide: CODE_ORIGINS, useExisting: StackTraceMapper },
    { provide: RELEASE_BUILDER, useClass: ModuleReleaseBuilder },
  ],
  exports: [CODE_ORIGINS, CodeCapability, RELEASE_BUILDER, StackTraceMapper],
})
export class BundlingModule {}
