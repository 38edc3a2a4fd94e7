import { Module } from '@nestjs/common';
import { RELEASE_BUILDER } from '../kernel/index.js';
import { BundleCache } from './cache/bundle-cache.js';
import { BundleCompiler } from './compiler/bundle-compiler.js';
import { EvaluationModule } from './evaluation/evaluation.module.js';
import { ModuleReleaseBuilder } from './module-release-builder.js';

/** Makes releases of folders, and runs their code. Takes the host's configuration from the global `ConfigModule`. */
@Module({
  imports: [EvaluationModule],
  providers: [BundleCache, BundleCompiler, { provide: RELEASE_BUILDER, useClass: ModuleReleaseBuilder }],
  exports: [EvaluationModule, RELEASE_BUILDER],
})
export class BundlingModule {}
