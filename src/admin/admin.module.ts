import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { ClusterController } from './cluster/cluster.controller.js';
import { ApiDocumentService } from './docs/api-document.service.js';
import { DocsController } from './docs/docs.controller.js';
import { SchemasController } from './docs/schemas.controller.js';
import { EventsController } from './events/events.controller.js';
import { HealthController } from './health/health.controller.js';
import { JobsController } from './jobs/jobs.controller.js';
import { RunsController } from './jobs/runs.controller.js';
import { MigrationsController } from './modules/migrations.controller.js';
import { ModulesController } from './modules/modules.controller.js';
import { SettingsController } from './settings/settings.controller.js';

export interface AdminOptions {
  /** Nest modules that export the services of `lifecycle/` and `jobs/`. */
  readonly imports: NonNullable<ModuleMetadata['imports']>;
}

/** The host's own routes: for operators under `/api/v1`, and health, docs and schemas for everybody. */
@Module({})
export class AdminModule {
  static forRoot({ imports }: AdminOptions): DynamicModule {
    return {
      module: AdminModule,
      imports: [...imports],
      controllers: [
        HealthController,
        ModulesController,
        ClusterController,
        MigrationsController,
        JobsController,
        RunsController,
        SettingsController,
        EventsController,
        DocsController,
        SchemasController,
      ],
      providers: [ApiDocumentService],
    };
  }
}
