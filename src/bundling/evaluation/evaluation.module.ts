import { Module } from '@nestjs/common';
import { CODE_ORIGINS } from '../../kernel/index.js';
import { ModuleScopes } from '../compiler/module-scopes.js';
import { HostPackages } from '../host-packages.js';
import { StackTraceMapper } from '../stack-traces/stack-trace-mapper.js';
import { TracesCapability } from '../stack-traces/traces.capability.js';
import { CodeCapability } from './code.capability.js';
import { TimeLimitedCall } from './time-limited-call.js';

/** Runs the code of releases. Takes the configuration from the global `ConfigModule`, and loads no compiler. */
@Module({
  providers: [
    CodeCapability,
    HostPackages,
    ModuleScopes,
    StackTraceMapper,
    TimeLimitedCall,
    TracesCapability,
    { provide: CODE_ORIGINS, useExisting: StackTraceMapper },
  ],
  exports: [CODE_ORIGINS, CodeCapability, HostPackages, ModuleScopes, StackTraceMapper, TracesCapability],
})
export class EvaluationModule {}
