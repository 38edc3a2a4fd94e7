import { Body, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ModuleLoaderService, ModuleMaintenance, ModuleRegistryService } from '../../lifecycle/index.js';
import { ModuleMigrations } from '../../migrations/index.js';
import { AdminController } from '../http/host-controller.decorator.js';
import { ResolveMigrationRequest, RollBackRequest } from './migration.request.js';
import { MigrationListResponse } from './migration.response.js';
import { ModuleNameParams } from './module.request.js';

/** What the down of a class may use: its code, and its tables. */
const PARTS_OF_A_ROLLBACK = ['traces', 'resources', 'code', 'data'];

@AdminController('modules/:name/migrations', 'Modules')
export class MigrationsController {
  constructor(
    private readonly migrations: ModuleMigrations,
    private readonly maintenance: ModuleMaintenance,
    private readonly loader: ModuleLoaderService,
    private readonly registry: ModuleRegistryService,
  ) {}

  @Get()
  @ApiOperation({ summary: "Migrations in the module's folder, and those that were applied" })
  @ApiOkResponse({ type: MigrationListResponse })
  async list(@Param() { name }: ModuleNameParams): Promise<MigrationListResponse> {
    const items = await this.migrations.list(await this.maintenance.release(name));
    return { items, total: items.length, nextCursor: null };
  }

  @Post('rollback')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Take back what was applied after a migration, the last first; the module must be disabled',
  })
  @ApiOkResponse({ type: MigrationListResponse })
  async rollBack(
    @Param() params: ModuleNameParams,
    @Body() { to: asked }: RollBackRequest,
  ): Promise<MigrationListResponse> {
    const to = asked === '0' ? null : asked;
    await this.maintenance.whileDisabled(params.name, `roll back to ${to}`, PARTS_OF_A_ROLLBACK, (generation) =>
      this.migrations.rollBack(generation, to),
    );
    return this.list(params);
  }

  @Post('resolve')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say what has become of a migration that was interrupted outside a transaction' })
  @ApiOkResponse({ type: MigrationListResponse })
  async resolve(
    @Param() params: ModuleNameParams,
    @Body() { migration, as }: ResolveMigrationRequest,
  ): Promise<MigrationListResponse> {
    await this.loader.exclusively(params.name, `resolve ${migration} as ${as}`, async () => {
      await this.registry.get(params.name);
      await this.migrations.resolve(params.name, migration, as);
    });
    return this.list(params);
  }
}
