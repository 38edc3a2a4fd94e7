import { Readable } from 'node:stream';
import {
  All,
  ArgumentsHost,
  BadRequestException,
  Body,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  Delete,
  type ExceptionFilter,
  type ExecutionContext,
  ForbiddenException,
  Get,
  Head,
  Header,
  Headers,
  HostParam,
  HttpCode,
  HttpException,
  Inject,
  Injectable,
  Ip,
  type MiddlewareConsumer,
  Module,
  type NestInterceptor,
  type NestMiddleware,
  type NestModule,
  Options,
  Param,
  ParseIntPipe,
  Patch,
  Post,
  Put,
  Query,
  Redirect,
  Req,
  Res,
  Scope,
  SetMetadata,
  Sse,
  StreamableFile,
  UseFilters,
  UseGuards,
  UseInterceptors,
  ValidationPipe,
  Version,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, Reflector, REQUEST } from '@nestjs/core';
import { RouteConfig, RouteConstraints } from '@nestjs/platform-fastify';
import { Type } from 'class-transformer';
import { IsInt, IsString, MaxLength, Min, ValidateNested } from 'class-validator';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { from, map, type Observable, of } from 'rxjs';

class Address {
  @IsString()
  street!: string;
}

class Named {
  @IsString()
  @MaxLength(8)
  name!: string;
}

class CreateCat extends Named {
  @IsInt()
  @Min(1)
  age!: number;

  @ValidateNested()
  @Type(() => Address)
  address!: Address;
}

@Injectable()
class Cats {
  find = (id: number) => ({ id, name: `cat ${id}` });
}

@Injectable({ scope: Scope.REQUEST })
class Visitor {
  constructor(@Inject(REQUEST) private readonly request: FastifyRequest) {}
  get agent() {
    return this.request.headers['user-agent'];
  }
}

@Injectable({ scope: Scope.TRANSIENT })
class Counter {
  count = 0;
}

@Injectable()
class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}
  canActivate(context: ExecutionContext): boolean {
    const role = this.reflector.getAllAndOverride<string | undefined>('role', [
      context.getHandler(),
      context.getClass(),
    ]);
    return role === undefined || context.switchToHttp().getRequest<FastifyRequest>().headers['x-role'] === role;
  }
}

@Injectable()
class BannedGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.switchToHttp().getRequest<FastifyRequest>().headers['x-banned']) throw new ForbiddenException('banned');
    return true;
  }
}

@Injectable({ scope: Scope.REQUEST })
class ScopedGuard implements CanActivate {
  constructor(@Inject(REQUEST) private readonly request: FastifyRequest) {}
  canActivate(): boolean {
    return this.request.headers['x-scoped'] !== 'no';
  }
}

@Injectable()
class Envelope implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

@Injectable()
class Stamp implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    context.switchToHttp().getResponse<FastifyReply>().header('x-stamp', 'yes');
    return next.handle();
  }
}

@Catch(RangeError)
class RangeFilter implements ExceptionFilter {
  catch(error: RangeError, host: ArgumentsHost): void {
    void host.switchToHttp().getResponse<FastifyReply>().status(416).send({ range: error.message });
  }
}

@Catch(SyntaxError)
class SyntaxFilter implements ExceptionFilter {
  catch(error: SyntaxError, host: ArgumentsHost): void {
    void host.switchToHttp().getResponse<FastifyReply>().status(422).send({ syntax: error.message });
  }
}

@Injectable()
class Tracing implements NestMiddleware {
  use(
    request: FastifyRequest['raw'] & { originalUrl?: string; ip?: string },
    response: FastifyReply['raw'],
    next: (error?: Error) => void,
  ): void {
    response.setHeader('x-traced', `${request.method} ${request.ip}`);
    if (request.headers['x-stop']) {
      response.statusCode = 202;
      response.end('stopped');
    } else if (request.headers['x-break']) next(new BadRequestException('broken'));
    else if (request.headers['x-throw']) throw new RangeError('thrown');
    else next();
  }
}

@Controller('cats')
class CatsController {
  constructor(
    private readonly cats: Cats,
    private readonly counter: Counter,
  ) {}

  @Get()
  list(@Query('limit') limit?: string, @Query() query?: object) {
    return { limit, query, count: ++this.counter.count };
  }

  @Get('plain')
  plain() {
    return 'plain text';
  }

  @Get('nothing')
  nothing() {
    return undefined;
  }

  @Get('null')
  nil() {
    return null;
  }

  @Get('observable')
  observable() {
    return from([1, 2, 3]);
  }

  @Get('promise')
  async promise() {
    return Promise.resolve([1, 2]);
  }

  @Get('ip')
  ip(@Ip() ip: string, @Headers('accept') accept: string) {
    return { ip, accept };
  }

  @Get('item/:id')
  one(@Param('id', ParseIntPipe) id: number) {
    return this.cats.find(id);
  }

  @Get('deep/:a/x/:b')
  deep(@Param() params: object) {
    return params;
  }

  @Get('range/:from-:to')
  range(@Param() params: object) {
    return params;
  }

  @Get('files/*')
  files(@Param('*') path: string) {
    return { path };
  }

  @Post()
  create(@Body() cat: CreateCat) {
    return { cat, isCat: cat instanceof CreateCat };
  }

  @Post('accepted')
  @HttpCode(202)
  accepted(@Body() body: object) {
    return body;
  }

  @Put('item/:id')
  put(@Param('id') id: string, @Body() body: object) {
    return { id, body };
  }

  @Patch('item/:id')
  patch(@Param('id') id: string) {
    return { patched: id };
  }

  @Delete('item/:id')
  @HttpCode(204)
  remove() {
    return undefined;
  }

  @Options('item/:id')
  @Header('allow', 'GET, PUT')
  options() {
    return '';
  }

  @Head('headed')
  @Header('x-head', 'own')
  head() {
    return '';
  }

  @All('all')
  all(@Req() request: FastifyRequest) {
    return { method: request.method };
  }

  @Get(['one', 'two'])
  both() {
    return 'either';
  }

  @Get('headers')
  @Header('x-fixed', 'value')
  @Header('cache-control', 'no-store')
  headers() {
    return { ok: true };
  }

  @Get('redirect')
  @Redirect('/elsewhere', 301)
  redirect() {
    return undefined;
  }

  @Get('redirect-dynamic')
  @Redirect('/elsewhere')
  redirectDynamic() {
    return { url: '/there', statusCode: 307 };
  }

  @Get('reply')
  reply(@Res() reply: FastifyReply) {
    void reply.code(418).header('x-own', '1').send({ teapot: true });
  }

  @Get('passthrough')
  passthrough(@Res({ passthrough: true }) reply: FastifyReply) {
    reply.header('x-own', '2');
    return { through: true };
  }

  @Get('stream')
  stream() {
    return new StreamableFile(Readable.from([Buffer.from('a,b\n'), Buffer.from('1,2\n')]), {
      type: 'text/csv',
      disposition: 'attachment; filename="x.csv"',
      length: 8,
    });
  }

  @Sse('events')
  events() {
    return of({ data: { n: 1 } }, { data: 'two', id: '2', event: 'named' });
  }

  @Get('guarded')
  @UseGuards(RolesGuard)
  @SetMetadata('role', 'admin')
  guarded() {
    return 'let in';
  }

  @Get('wrapped')
  @UseInterceptors(Envelope)
  wrapped() {
    return { inner: 1 };
  }

  @Get('range-error')
  @UseFilters(RangeFilter)
  rangeError() {
    throw new RangeError('too far');
  }

  @Get('syntax-error')
  syntaxError() {
    throw new SyntaxError('bad');
  }

  @Get('http-error')
  httpError() {
    throw new HttpException({ code: 'E_CAT', reason: 'gone' }, 410);
  }

  @Get('error')
  error() {
    throw new Error('internal');
  }

  @Get('async-error')
  async asyncError() {
    return Promise.reject(new BadRequestException(['a', 'b']));
  }

  @Get('config')
  @RouteConfig({ flavour: 'sweet' })
  config(@Req() request: FastifyRequest) {
    return (request.routeOptions.config as { flavour?: string }).flavour ?? 'none';
  }

  @Get('constrained')
  @RouteConstraints({ host: 'only.example.com' })
  constrained() {
    return 'constrained';
  }
}

@Controller('scoped')
class ScopedController {
  constructor(private readonly visitor: Visitor) {}
  @Get('agent')
  agent() {
    return { agent: this.visitor.agent };
  }

  @Get('broken/:id')
  broken(@Param('id', ParseIntPipe) id: number) {
    return id;
  }
}

@Controller({ host: ':tenant.example.com', path: 'tenant' })
class TenantController {
  @Get()
  tenant(@HostParam('tenant') tenant: string) {
    return { tenant };
  }
}

@Controller({ path: 'versioned' })
class VersionedController {
  @Get()
  @Version('1')
  first() {
    return 'first';
  }

  @Get()
  @Version(['2', '3'])
  second() {
    return 'second';
  }
}

@Controller('guard-of-class')
@UseGuards(RolesGuard)
@SetMetadata('role', 'owner')
class OwnerController {
  @Get()
  get() {
    return 'owner';
  }
}

/** Nearly everything that a controller of Nest can do, to be served statically and docked, and compared. */
@Module({
  controllers: [CatsController, ScopedController, TenantController, VersionedController, OwnerController],
  providers: [
    Cats,
    Counter,
    Visitor,
    { provide: APP_GUARD, useClass: BannedGuard },
    { provide: APP_GUARD, useClass: ScopedGuard },
    { provide: APP_PIPE, useFactory: () => new ValidationPipe({ transform: true, whitelist: true }) },
    { provide: APP_INTERCEPTOR, useClass: Stamp },
    { provide: APP_FILTER, useClass: SyntaxFilter },
  ],
})
export class CatalogueModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(Tracing).exclude({ path: 'cats/plain', method: 0 }).forRoutes(CatsController);
  }
}

@Controller('editions')
class EditionsController {
  @Get()
  @Version('1')
  first() {
    return 'first';
  }

  @Get()
  @Version(['2', '3'])
  second() {
    return 'second';
  }

  @Get()
  @Version(VERSION_NEUTRAL)
  any() {
    return 'any';
  }

  @Get('listed')
  @Version(['1', VERSION_NEUTRAL])
  listed() {
    return 'first or none';
  }

  @Get('strict')
  @Version('1')
  strict() {
    return 'strict';
  }
}

@Module({ controllers: [EditionsController] })
export class EditionsModule {}
