import { Injectable, type Type } from '@nestjs/common';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type ModuleContext } from '../sdk/index.js';

/** Finds a provider by its token. */
export interface ProviderLookup {
  get<T>(token: Type<T> | string | symbol): T;
}

/** What {@link ModuleContext.get} looks in: contexts are made before the providers are, and may outlive them. */
@Injectable()
export class ModuleProviders {
  readonly #lookups = new WeakMap<ModuleContext, ProviderLookup>();

  /** @returns what cuts the context off again */
  connect(context: ModuleContext, lookup: ProviderLookup): () => void {
    this.#lookups.set(context, lookup);
    return () => void this.#lookups.delete(context);
  }

  get<T>(context: ModuleContext, token: Type<T> | string | symbol): T {
    const lookup = this.#lookups.get(context);
    if (lookup) return lookup.get(token);
    const name = typeof token === 'function' ? token.name : String(token);
    throw new NestdockError('PROVIDER_NOT_FOUND', `${context.module.name} has no providers, so no ${name}`);
  }
}
