import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  Get,
  Global,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
  Optional,
  Scope,
  Search,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { APP_GUARD, ModuleRef, ModulesContainer } from '@nestjs/core';
import { InjectModuleContext, type ModuleContext } from '../../sdk/index.js';
import { TestHost } from '../spec-support/test-host.js';

const asModule = (metadata: Parameters<typeof Module>[0], type: Type = class Docked {}): Type => {
  Module(metadata)(type);
  return type;
};

describe('NestDock', () => {
  let host: TestHost;
  let hostModules: number;
  const modules = () => host.app.get(ModulesContainer).size;
  const get = (url: string) => host.app.inject({ url });

  beforeEach(async () => {
    host = await TestHost.start();
    hostModules = modules();
  });
  afterEach(() => host.stop());

  function hookRecorder() {
    const calls: string[] = [];
    const recording = (name: string) => {
      @Injectable()
      class Recorder {}
      for (const hook of [
        'onModuleInit',
        'onApplicationBootstrap',
        'onModuleDestroy',
        'beforeApplicationShutdown',
        'onApplicationShutdown',
      ]) {
        Object.defineProperty(Recorder.prototype, hook, { value: () => void calls.push(`${name}.${hook}`) });
      }
      return Recorder;
    };
    return { calls, recording };
  }

  it('runs the hooks in the order of a static application, and the last ones at unload', async () => {
    const { calls, recording } = hookRecorder();
    const inner = asModule({ providers: [recording('inner')] });
    const loaded = await host.load('hooks', { entry: asModule({ imports: [inner], providers: [recording('outer')] }) });
    expect(calls.splice(0)).toEqual([
      'inner.onModuleInit',
      'outer.onModuleInit',
      'inner.onApplicationBootstrap',
      'outer.onApplicationBootstrap',
    ]);
    await loaded.unload();
    expect(calls).toEqual([
      'outer.onModuleDestroy',
      'inner.onModuleDestroy',
      'outer.beforeApplicationShutdown',
      'inner.beforeApplicationShutdown',
      'outer.onApplicationShutdown',
      'inner.onApplicationShutdown',
    ]);
    expect(modules()).toBe(hostModules);
  });

  it('runs the last hooks once when the application closes with modules in it', async () => {
    const { calls, recording } = hookRecorder();
    await host.load('hooks', { entry: asModule({ providers: [recording('it')] }) });
    calls.splice(0);
    await host.app.close();
    expect(calls).toEqual(['it.onModuleDestroy', 'it.beforeApplicationShutdown', 'it.onApplicationShutdown']);
  });

  it('names the hook and the class that failed, and leaves nothing', async () => {
    const destroyed: string[] = [];
    @Injectable()
    class Fine implements OnModuleDestroy {
      onModuleDestroy = () => void destroyed.push('Fine');
    }
    @Injectable()
    class Broken implements OnApplicationBootstrap {
      async onApplicationBootstrap() {
        await Promise.reject(new RangeError('no luck'));
      }
    }
    const entry = asModule({ providers: [Fine, Broken] });
    await expect(host.load('broken', { entry })).rejects.toMatchObject({
      code: 'HOOK_FAILED',
      message: 'onApplicationBootstrap of Broken failed: no luck',
      cause: expect.any(RangeError),
    });
    expect(destroyed).toEqual(['Fine']);
    expect(modules()).toBe(hostModules);
  });

  it('names the provider that cannot be resolved, and leaves nothing', async () => {
    @Injectable()
    class Needy {
      constructor(@Inject('MISSING') readonly missing: unknown) {}
    }
    await expect(host.load('needy', { entry: asModule({ providers: [Needy] }) })).rejects.toMatchObject({
      code: 'COMPOSITION_FAILED',
      message: expect.stringMatching(/Needy.*MISSING/s),
    });
    expect(modules()).toBe(hostModules);
  });

  it.each([
    ['an import that is missing', () => asModule({ imports: [undefined as never] })],
    ['a method that module routes cannot answer', () => asModule({ controllers: [searchController()] })],
    ['a middleware that cannot be applied', () => asModule({}, failingConfigure())],
  ])('refuses %s, and leaves nothing', async (_what, entry) => {
    await expect(host.load('refused', { entry: entry() })).rejects.toMatchObject({ code: 'COMPOSITION_FAILED' });
    expect(modules()).toBe(hostModules);
  });

  it('does not let a module that hangs hold up another', async () => {
    const never = new Promise<never>(() => undefined);
    const hanging = [
      asModule({ providers: [{ provide: 'SLOW', useFactory: () => never }] }),
      asModule({ imports: [never] }),
      asModule({}, hangingHook(never)),
    ].map((entry, index) => ({ generation: host.generation(`hangs-${index}`, { entry }) }));
    const outcomes = hanging.map(({ generation }) => host.attach(generation).then(String, (error: unknown) => error));

    await host.load('quick', { entry: asModule({ controllers: [helloController()] }) });
    expect((await get('/api/v1/m/quick/hello')).statusCode).toBe(200);

    for (const { generation } of hanging) generation.expire();
    for (const outcome of outcomes) expect(await outcome).toMatchObject({ name: 'AbortError' });
    expect(modules()).toBe(hostModules + 1);
  });

  it('closes what a load that was given up opens late', async () => {
    let open: (value: object) => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
      const connection = { onModuleDestroy: () => resolve() };
      open = () => opened(connection);
    });
    let opened: (value: object) => void = () => undefined;
    const connecting = new Promise<object>((resolve) => (opened = resolve));
    const entry = asModule({ providers: [{ provide: 'CONNECTION', useFactory: () => connecting }] });
    const generation = host.generation('late', { entry });
    const load = host.attach(generation);
    await new Promise(setImmediate);
    generation.expire();
    await expect(load).rejects.toMatchObject({ name: 'AbortError' });
    open({});
    await closed;
  });

  it('takes a module out although its last hook hangs', async () => {
    @Injectable()
    class Stubborn implements OnModuleDestroy {
      onModuleDestroy = () => new Promise<void>(() => undefined);
    }
    const loaded = await host.load('stubborn', { entry: asModule({ providers: [Stubborn] }) });
    await expect(loaded.unload()).rejects.toThrow('taking stubborn@1 apart failed');
    expect(modules()).toBe(hostModules);
  });

  it('holds an import that two modules share until the second leaves', async () => {
    const { calls, recording } = hookRecorder();
    const shared = asModule({ providers: [recording('shared')], controllers: [helloController()] }, class Shared {});
    const [one, two] = await Promise.all([
      host.load('one', { entry: asModule({ imports: [shared] }) }),
      host.load('two', { entry: asModule({ imports: [shared] }) }),
    ]);
    expect(calls.splice(0)).toEqual(['shared.onModuleInit', 'shared.onApplicationBootstrap']);
    expect(modules()).toBe(hostModules + 3);

    await one.unload();
    expect(calls).toEqual([]);
    expect((await get('/api/v1/m/two/hello')).statusCode).toBe(200);
    const leaving = two.unload();
    const three = await host.load('three', { entry: asModule({ imports: [shared] }) });
    await leaving;
    expect(calls.filter((call) => call === 'shared.onModuleInit')).toHaveLength(1);
    expect((await get('/api/v1/m/three/hello')).statusCode).toBe(200);
    await three.unload();
    expect(modules()).toBe(hostModules);
  });

  it('applies the application guard of a shared import to both modules', async () => {
    @Injectable()
    class Deny implements CanActivate {
      canActivate = () => false;
    }
    const guarded = asModule({ providers: [{ provide: APP_GUARD, useClass: Deny }] }, class Guarded {});
    for (const name of ['one', 'two']) {
      await host.load(name, { entry: asModule({ imports: [guarded], controllers: [helloController()] }) });
    }
    await host.load('free', { entry: asModule({ controllers: [helloController()] }) });
    const statuses = ['one', 'two', 'free'].map(async (name) => (await get(`/api/v1/m/${name}/hello`)).statusCode);
    expect(await Promise.all(statuses)).toEqual([403, 403, 200]);
  });

  it('keeps a global module among its own', async () => {
    Global()(Everywhere);
    const everywhere = asModule({ providers: [{ provide: 'GLOBAL', useValue: 1 }], exports: ['GLOBAL'] }, Everywhere);
    @Injectable()
    class Reader {
      constructor(@Optional() @Inject('GLOBAL') readonly value?: number) {}
    }
    const inner = asModule({ providers: [Reader] }, class Inner {});
    const one = await host.load('one', { entry: asModule({ imports: [everywhere, inner] }) });
    const two = await host.load('two', { entry: asModule({ providers: [Reader] }) });
    const read = ({ generation }: typeof one) => generation.part('context').get(Reader).value;
    expect([read(one), read(two)]).toEqual([1, undefined]);
  });

  it('loads the same class twice, side by side', async () => {
    const entry = asModule({ controllers: [helloController()] });
    const old = await host.load('twice', { entry });
    const next = await host.load('twice', { entry });
    await old.unload();
    expect((await get('/api/v1/m/twice/hello')).statusCode).toBe(200);
    await next.unload();
    expect(modules()).toBe(hostModules);
  });

  it('keeps the guards of a request that still runs when its module has left', async () => {
    let proceed: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (proceed = resolve));
    let arrive: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const useFactory = () => {
      arrive();
      return gate;
    };
    @Injectable({ scope: Scope.REQUEST })
    class Slow {
      constructor(@Inject('GATE') readonly gate: Promise<void>) {}
    }
    @Injectable()
    class Deny implements CanActivate {
      canActivate = () => false;
    }
    @Controller('late')
    @UseGuards(Deny)
    class LateController {
      constructor(readonly slow: Slow) {}
      @Get()
      get() {
        return 'reached';
      }
    }
    const providers = [Slow, { provide: 'GATE', scope: Scope.REQUEST, useFactory }];
    const loaded = await host.load('late', { entry: asModule({ controllers: [LateController], providers }) });
    const answer = get('/api/v1/m/late/late');
    void answer.then(() => undefined); // light-my-request sends it once somebody waits
    await arrived;
    await loaded.unload();
    proceed();
    expect((await answer).statusCode).toBe(403);
  });

  it('forgets a module in ModuleRef look-ups of the host', async () => {
    class Found {}
    const hostRef = host.app.get(ModuleRef);
    const loaded = await host.load('found', { entry: asModule({ providers: [Found] }) });
    expect(hostRef.get(Found, { strict: false })).toBeInstanceOf(Found);
    await loaded.unload();
    expect(() => hostRef.get(Found, { strict: false })).toThrow();
  });

  it('injects the context everywhere in the module, and looks providers up in it', async () => {
    @Injectable()
    class Deep {
      constructor(@InjectModuleContext() readonly context: ModuleContext) {}
    }
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {}
    const deep = asModule({ providers: [Deep] }, class DeepModule {});
    const loaded = await host.load('context', {
      entry: asModule({ imports: [deep], providers: [PerRequest] }),
    });
    const context = loaded.generation.part('context');
    expect(context.get(Deep).context).toBe(context);
    expect(context.hostUrl).toBe(await host.url);
    for (const token of [PerRequest, ModulesContainer, 'NONE']) {
      expect(() => context.get(token)).toThrow(expect.objectContaining({ code: 'PROVIDER_NOT_FOUND' }));
    }
    await loaded.unload();
    expect(() => context.get(Deep)).toThrow(expect.objectContaining({ code: 'PROVIDER_NOT_FOUND' }));
  });
});

class Everywhere {}

function helloController(): Type {
  @Controller('hello')
  class HelloController {
    @Get()
    get() {
      return 'hello';
    }
  }
  return HelloController;
}

function searchController(): Type {
  @Controller('search')
  class SearchController {
    @Search()
    search() {
      return 'found';
    }
  }
  return SearchController;
}

function failingConfigure(): Type {
  return class Failing {
    configure() {
      throw new Error('no middleware today');
    }
  };
}

function hangingHook(never: Promise<never>): Type {
  return class Hanging implements OnModuleInit {
    onModuleInit = () => never;
  };
}
