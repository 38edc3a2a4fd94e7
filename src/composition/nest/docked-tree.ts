import { type Abstract, type InjectionToken, type Type } from '@nestjs/common';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type ApplicationEnhancer, type NestContainer, type NestModuleRef } from '../nest-internals.js';
import { type HeldModule } from './held-module.js';
import { type ModuleConfig } from './module-config.js';

/** What one generation has in the Nest container: its root module and all that it imports, but nothing of the host's. */
export class DockedTree {
  constructor(
    readonly name: string,
    readonly root: NestModuleRef,
    /** In the order of starting: global modules, then the deepest first. */
    readonly modules: readonly HeldModule[],
    /** `APP_GUARD`, `APP_PIPE`, `APP_INTERCEPTOR`, `APP_FILTER` of these modules. */
    readonly enhancers: readonly ApplicationEnhancer[],
    readonly config: ModuleConfig,
    /** Finds these modules even after they have left the container: a late request keeps its guards. */
    readonly view: NestContainer,
  ) {}

  get nestModules(): NestModuleRef[] {
    return this.modules.map(({ module }) => module);
  }

  /**
   * A provider or controller of this tree, the root's own first.
   * @throws PROVIDER_NOT_FOUND where there is none, or none that lives longer than a request.
   */
  get<T>(token: Type<T> | Abstract<T> | string | symbol): T {
    for (const module of [this.root, ...this.nestModules]) {
      const wrapper = module.providers.get(token as InjectionToken) ?? module.controllers.get(token as Type);
      if (!wrapper) continue;
      if (!wrapper.isDependencyTreeStatic() || wrapper.isTransient) {
        throw new NestdockError(
          'PROVIDER_NOT_FOUND',
          `${nameOf(token)} of ${this.name} exists per request or injection`,
        );
      }
      return wrapper.instance as T;
    }
    throw new NestdockError('PROVIDER_NOT_FOUND', `${this.name} has no provider ${nameOf(token)}`);
  }
}

function nameOf(token: unknown): string {
  return typeof token === 'function' ? token.name : String(token);
}
