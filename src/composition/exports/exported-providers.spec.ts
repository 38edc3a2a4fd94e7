import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Inject, Injectable, Module, type Provider, Scope, type Type } from '@nestjs/common';
import { InjectExport, moduleExport } from '../../sdk/index.js';
import { type Loaded, TestHost } from '../spec-support/test-host.js';

const asModule = (metadata: Parameters<typeof Module>[0], name = 'EntryModule'): Type => {
  const entry = { [name]: class {} }[name] as Type;
  Module(metadata)(entry);
  return entry;
};

@Injectable()
class Plain {
  name() {
    return 'plain';
  }
}

@Injectable()
class Inner {
  name() {
    return 'inner';
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {}

@Injectable()
class NeedsRequest {
  constructor(readonly perRequest: PerRequest) {}
}
Reflect.defineMetadata('design:paramtypes', [PerRequest], NeedsRequest);

@Injectable({ scope: Scope.TRANSIENT })
class Transient {}

const inner = asModule({ providers: [Inner], exports: [Inner] }, 'InnerModule');
class Dynamic {}
Module({})(Dynamic);
const dynamic = {
  module: Dynamic,
  providers: [{ provide: 'DYNAMIC', useFactory: () => ({ name: () => 'dynamic' }) }],
  exports: ['DYNAMIC'],
};

describe('what a module exports', () => {
  let host: TestHost;
  let provider: Loaded;
  beforeAll(async () => {
    host = await TestHost.start();
    const providers: Provider[] = [
      Plain,
      PerRequest,
      NeedsRequest,
      Transient,
      { provide: 'TEXT', useValue: { name: () => 'text' } },
      { provide: Symbol('SYMBOL'), useValue: { name: () => 'symbol' } },
      { provide: 'LIMIT', useValue: 5 },
    ];
    const tokens = providers.map((each) => (typeof each === 'function' ? each : each.provide));
    const entry = asModule({ imports: [inner, dynamic], providers, exports: [...tokens, inner, Dynamic] });
    provider = await host.load('meter', { entry });
  });
  afterAll(async () => {
    await provider.unload();
    await host.stop();
  });

  let count = 0;
  async function nameOf(token: string | symbol): Promise<unknown> {
    const name = `asking-${++count}`;
    class Asking {
      service?: { name(): string };
    }
    Inject(moduleExport('meter', token))(Asking.prototype, 'service');
    const loaded = await host.load(name, {
      entry: asModule({ providers: [Asking] }),
      dependencies: { meter: '*' },
    });
    try {
      return loaded.generation.part('context').get(Asking).service?.name();
    } finally {
      await loaded.unload();
    }
  }

  it.each<[string | symbol, string]>([
    ['Plain', 'plain'],
    ['TEXT', 'text'],
    [Symbol('SYMBOL'), 'symbol'],
    ['Inner', 'inner'],
    ['DYNAMIC', 'dynamic'],
  ])('%p is found', async (token, name) => {
    expect(await nameOf(token)).toBe(name);
  });

  it.each([
    ['PerRequest', 'made anew for each request'],
    ['NeedsRequest', 'made anew for each request'],
    ['Transient', 'transient'],
    ['LIMIT', 'of type number'],
  ])('%s is refused: it is %s', async (token, reason) => {
    await expect(nameOf(token)).rejects.toMatchObject({
      code: 'EXPORT_UNSUITABLE',
      message: expect.stringContaining(reason) as unknown,
    });
  });

  it('is all named where a token is wrong, with every wrong one', async () => {
    class Asking {
      constructor(
        @InjectExport('meter', 'Plan') readonly first: unknown,
        @InjectExport('elsewhere', 'Plain') readonly second: unknown,
      ) {}
    }
    Injectable()(Asking);
    const entry = asModule({ providers: [Asking] });
    await expect(host.load('asking', { entry, dependencies: { meter: '*' } })).rejects.toMatchObject({
      code: 'EXPORT_NOT_FOUND',
      problems: [
        { code: 'EXPORT_NOT_FOUND', hint: 'did you mean `Plain`?' },
        { code: 'DEPENDENCY_UNDECLARED', pointer: '/dependencies' },
      ],
    });
  });

  it('reaches factories and middleware too', async () => {
    const seen: unknown[] = [];
    class Middleware {
      constructor(@InjectExport('meter', 'Plain') private readonly plain: Plain) {}
      use(_request: unknown, _response: unknown, next: () => void) {
        seen.push(this.plain.name());
        next();
      }
    }
    Injectable()(Middleware);
    class WithMiddleware {
      configure(consumer: { apply(...types: Type[]): { forRoutes(path: string): void } }) {
        consumer.apply(Middleware).forRoutes('*path');
      }
    }
    const made = {
      provide: 'MADE',
      useFactory: (plain: Plain) => ({ name: () => `made of ${plain.name()}` }),
      inject: [moduleExport('meter', 'Plain')],
    };
    Module({ providers: [made] })(WithMiddleware);
    const loaded = await host.load('using', {
      entry: WithMiddleware,
      dependencies: { meter: '*' },
      routes: [{ method: 'GET', path: '/', handler: 'answer' }],
      handlers: { answer: () => 'ok' },
    });
    expect(loaded.generation.part('context').get<{ name(): string }>('MADE').name()).toBe('made of plain');
    await fetch(`${await host.url}/api/v1/m/using/`);
    expect(seen).toEqual(['plain']);
    await expect(host.load('meter', { entry: asModule({}) })).rejects.toMatchObject({
      code: 'EXPORT_IN_USE',
      extensions: { dependents: ['using'] },
    });
    await loaded.unload();
  });
});
