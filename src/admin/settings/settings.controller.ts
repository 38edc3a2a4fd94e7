import { Body, Get, Headers, Param, Put, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { ClusterService } from '../../cluster/index.js';
import { SettingsService, type SettingsView } from '../../settings/index.js';
import { AdminController } from '../http/host-controller.decorator.js';
import { ModuleNameParams, WaitQuery } from '../modules/module.request.js';
import { etagOf, readIfMatch } from '../http/if-match.js';
import { readSettingsBody, SETTINGS_BODY, SettingsHistoryQuery } from './settings.request.js';
import { SettingsHistoryResponse, SettingsResponse } from './settings.response.js';

/** Whose token the `AdminTokenGuard` asks for: there is one. */
const ADMIN = 'admin';

@AdminController('modules/:name/settings', 'Settings')
export class SettingsController {
  constructor(
    private readonly settings: SettingsService,
    private readonly cluster: ClusterService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The values of a module, and their JSON Schema' })
  @ApiOkResponse({ type: SettingsResponse })
  async get(
    @Param() { name }: ModuleNameParams,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SettingsResponse> {
    return tagged(await this.settings.get(name), reply);
  }

  @Put()
  @ApiOperation({ summary: 'Set values: modules that run here, or on all hosts, have them once this is answered' })
  @ApiBody(SETTINGS_BODY)
  @ApiHeader({ name: 'If-Match', required: false, description: 'ETag that the settings must have still' })
  @ApiOkResponse({ type: SettingsResponse })
  async change(
    @Param() { name }: ModuleNameParams,
    @Body() body: unknown,
    @Query() { wait }: WaitQuery,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() { id, ip }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SettingsResponse> {
    const author = { by: ADMIN, requestId: id, address: ip };
    const view = await this.settings.change(name, readSettingsBody(body), author, readIfMatch(ifMatch));
    if (wait) await this.cluster.settingsConverged(name, view.revision);
    return tagged(view, reply);
  }

  @Get('history')
  @ApiOperation({ summary: 'The changes of the settings, the latest first' })
  @ApiOkResponse({ type: SettingsHistoryResponse })
  history(@Param() { name }: ModuleNameParams, @Query() page: SettingsHistoryQuery): Promise<SettingsHistoryResponse> {
    return this.settings.history(name, page);
  }
}

function tagged(view: SettingsView, reply: FastifyReply): SettingsView {
  reply.header('etag', etagOf(view.revision));
  return view;
}
