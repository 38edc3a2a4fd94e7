import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage, useContainer } from 'class-validator';
import { WeakClassMap } from './weak-class-map.js';

/*
 * class-validator and class-transformer keep what decorators say of a class in maps of their own, for ever. Here those
 * maps are made to hold classes weakly, so that the DTOs of a module go when its code goes, whoever evaluated them and
 * when. `class-metadata.spec.ts` holds what is assumed of both packages.
 */

type Constructor<T = unknown> = new () => T;

interface ValidatorStorage {
  validationMetadatas: WeakClassMap<unknown[]>;
  constraintMetadatas: WeakClassMap<unknown[]>;
  getTargetValidationMetadatas(target: object, ...rest: unknown[]): unknown[];
}

const TRANSFORMER_MAPS = [
  '_typeMetadatas',
  '_transformMetadatas',
  '_exposeMetadatas',
  '_excludeMetadatas',
  '_ancestorsMap',
] as const;

/** Makes both packages hold classes weakly, from now on; once is enough. */
export function holdDtosWeakly(): void {
  weakenTransformer(defaultMetadataStorage as Record<(typeof TRANSFORMER_MAPS)[number], WeakClassMap<unknown>>);
  weakenValidator(getMetadataStorage() as unknown as ValidatorStorage);
}

function weakenTransformer(storage: Record<(typeof TRANSFORMER_MAPS)[number], WeakClassMap<unknown>>): void {
  for (const name of TRANSFORMER_MAPS) storage[name] = WeakClassMap.from(storage[name]);
}

function weakenValidator(storage: ValidatorStorage): void {
  if (storage.validationMetadatas instanceof WeakClassMap) return;
  const validations = WeakClassMap.from<unknown[]>(storage.validationMetadatas);
  storage.validationMetadatas = validations;
  storage.constraintMetadatas = WeakClassMap.from<unknown[]>(storage.constraintMetadatas);
  // It looks through all classes for those that the target inherits from: with a thousand modules, at a cost.
  const find = storage.getTargetValidationMetadatas.bind(storage);
  storage.getTargetValidationMetadatas = (target, ...rest) =>
    validations.narrowedTo(target, () => find(target, ...rest));
  useContainer(new WeakInstances());
}

/** Validator constraints (`@ValidatorConstraint()` classes), one instance a class, as class-validator's own container. */
class WeakInstances {
  readonly #instances = new WeakMap<Constructor, unknown>();

  get<T>(type: Constructor<T>): T {
    if (!this.#instances.has(type)) this.#instances.set(type, new type());
    return this.#instances.get(type) as T;
  }
}
