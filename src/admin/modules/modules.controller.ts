import { Body, Delete, Get, Headers, HttpCode, Inject, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { ClusterService } from '../../cluster/index.js';
import { HOST_CONFIG, type HostConfig } from '../../config/index.js';
import {
  type Exchange,
  type ModuleView,
  ModuleLoaderService,
  ModuleRegistryService,
  ModuleTrialRuns,
} from '../../lifecycle/index.js';
import { AdminController } from '../http/host-controller.decorator.js';
import {
  ChangeModuleRequest,
  DisableModuleQuery,
  EnableModuleRequest,
  ExchangeQuery,
  ForgetModuleQuery,
  isTrue,
  ModuleListQuery,
  ModuleNameParams,
  readBasis,
  RegisterModuleRequest,
  RollBackModuleRequest,
  type WaitQuery,
} from './module.request.js';
import {
  ModuleListResponse,
  ModuleResponse,
  ModuleStatsResponse,
  ScanResponse,
  ValidationResponse,
} from './module.response.js';
import { etagOf } from '../http/if-match.js';
import { BasedOnRevision } from './based-on-revision.decorator.js';
import { readTrialPlan } from './read-trial-plan.js';
import { readValidateModuleRequest, VALIDATE_MODULE_BODY } from './validate-module.request.js';

@AdminController('modules', 'Modules')
export class ModulesController {
  constructor(
    private readonly registry: ModuleRegistryService,
    private readonly loader: ModuleLoaderService,
    private readonly trialRuns: ModuleTrialRuns,
    private readonly cluster: ClusterService,
    @Inject(HOST_CONFIG) private readonly config: HostConfig,
  ) {}

  @Get()
  @ApiOperation({ summary: 'All modules, without their manifests' })
  @ApiOkResponse({ type: ModuleListResponse })
  async list(@Query() query: ModuleListQuery): Promise<ModuleListResponse> {
    const { items, ...page } = await this.registry.list(query);
    return { ...page, items: items.map(({ manifest: _manifest, ...item }) => item) };
  }

  @Get('stats')
  @ApiOperation({ summary: 'What is loaded on this host' })
  @ApiOkResponse({ type: ModuleStatsResponse })
  stats(): ModuleStatsResponse {
    return this.loader.getStats();
  }

  @Post('scan')
  @HttpCode(200)
  @ApiOperation({ summary: 'Look for modules in MODULES_DIR' })
  @ApiOkResponse({ type: ScanResponse })
  scan(): Promise<ScanResponse> {
    return this.registry.scan();
  }

  @Post()
  @ApiOperation({ summary: 'Register one module by its folder' })
  @ApiCreatedResponse({ type: ModuleResponse })
  register(@Body() { path }: RegisterModuleRequest): Promise<ModuleResponse> {
    return this.registry.register(path);
  }

  @Post('validate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Check a manifest or a folder; changes nothing' })
  @ApiBody(VALIDATE_MODULE_BODY)
  @ApiOkResponse({ type: ValidationResponse })
  validate(@Body() body: unknown): Promise<ValidationResponse> {
    return this.registry.validate(readValidateModuleRequest(body));
  }

  @Get(':name')
  @ApiOperation({ summary: 'One module with its manifest' })
  @ApiOkResponse({ type: ModuleResponse })
  async get(
    @Param() { name }: ModuleNameParams,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ModuleResponse> {
    const view = await this.registry.get(name);
    reply.header('etag', etagOf(view.revision));
    return view;
  }

  @Post(':name/enable')
  @HttpCode(200)
  @ApiOperation({ summary: 'Enable, and first all that the module needs: routes and jobs go live. Ends a quarantine' })
  @ApiOkResponse({ type: ModuleResponse })
  @BasedOnRevision()
  enable(
    @Param() { name }: ModuleNameParams,
    @Body() { permissions }: EnableModuleRequest,
    @Query() query: ExchangeQuery,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ModuleResponse> {
    return this.#exchanged((exchange) => this.loader.loadModule(name, permissions, exchange), query, ifMatch, reply);
  }

  @Patch(':name')
  @ApiOperation({ summary: 'Choose where the code of a module runs; one that is enabled is swapped as by a reload' })
  @ApiOkResponse({ type: ModuleResponse })
  @BasedOnRevision()
  change(
    @Param() { name }: ModuleNameParams,
    @Body() { isolation }: ChangeModuleRequest,
    @Query() query: ExchangeQuery,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ModuleResponse> {
    return this.#exchanged((exchange) => this.loader.isolateModule(name, isolation, exchange), query, ifMatch, reply);
  }

  @Post(':name/disable')
  @HttpCode(200)
  @ApiOperation({ summary: 'Disable: answers once nothing of the module is left running' })
  @ApiOkResponse({ type: ModuleResponse })
  @BasedOnRevision()
  disable(
    @Param() { name }: ModuleNameParams,
    @Query() { cascade, wait }: DisableModuleQuery,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<ModuleResponse> {
    return this.#settled(this.loader.unloadModule(name, { cascade: isTrue(cascade), ...readBasis(ifMatch) }), wait);
  }

  @Post(':name/reload')
  @HttpCode(200)
  @ApiOperation({ summary: 'Swap in the code as it is now; if it fails, the old code goes on serving' })
  @ApiOkResponse({ type: ModuleResponse })
  @BasedOnRevision()
  reload(
    @Param() { name }: ModuleNameParams,
    @Query() query: ExchangeQuery,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ModuleResponse> {
    return this.#exchanged((exchange) => this.loader.reloadModule(name, exchange), query, ifMatch, reply);
  }

  @Post(':name/rollback')
  @HttpCode(200)
  @ApiOperation({ summary: 'Go back to one of the last bundles, by its hash; swapped in as by a reload' })
  @ApiOkResponse({ type: ModuleResponse })
  @BasedOnRevision()
  rollBack(
    @Param() { name }: ModuleNameParams,
    @Body() { hash }: RollBackModuleRequest,
    @Query() query: ExchangeQuery,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ModuleResponse> {
    return this.#exchanged((exchange) => this.loader.rollBackModule(name, hash, exchange), query, ifMatch, reply);
  }

  @Delete(':name/rollout')
  @HttpCode(204)
  @ApiOperation({ summary: 'Give up what is on trial, or on its way to the hosts: what serves goes on' })
  @ApiNoContentResponse()
  abandon(@Param() { name }: ModuleNameParams): Promise<void> {
    return this.cluster.abandon(name);
  }

  @Delete(':name')
  @HttpCode(204)
  @ApiOperation({ summary: 'Forget a module that is not enabled; its data stays, or is dropped too. Its folder stays' })
  @ApiNoContentResponse()
  forget(@Param() { name }: ModuleNameParams, @Query() { purge, confirm }: ForgetModuleQuery): Promise<void> {
    if (!isTrue(purge)) return this.registry.forget(name);
    if (confirm === name) return this.registry.purge(name);
    const given = confirm === undefined ? '`confirm` is missing' : `\`confirm\` is "${confirm}"`;
    throw new NestdockError('PURGE_UNCONFIRMED', `${given}, and must be "${name}": all data of the module would go`);
  }

  /** What goes on trial is answered for once the trial has begun; where the caller waits, once it has ended. */
  async #exchanged(
    exchange: (how: Exchange) => Promise<ModuleView>,
    query: ExchangeQuery,
    ifMatch: string | undefined,
    reply: FastifyReply,
  ): Promise<ModuleView> {
    const trial = readTrialPlan(query, this.config);
    const view = await exchange({ ...readBasis(ifMatch), trial });
    if (trial && query.wait) await this.trialRuns.ended(view.name);
    else if (this.trialRuns.isRunning(view.name)) reply.status(202);
    return this.#settled(trial ? this.registry.get(view.name) : Promise.resolve(view), query.wait);
  }

  async #settled(changing: Promise<ModuleView>, wait: WaitQuery['wait']): Promise<ModuleView> {
    const view = await changing;
    if (wait === undefined) return view;
    await this.cluster.converged(view.name, view.revision);
    return this.registry.get(view.name);
  }
}
