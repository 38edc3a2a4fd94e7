import { Inject, Injectable } from '@nestjs/common';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { toError } from '../../common/to-error.js';
import { type Undo } from '../../common/undo-stack.js';
import { HOST_CONFIG, type HostConfig } from '../../config/index.js';
import { bundleFileName, type Capability, type Generation, type ModuleCode, type Release } from '../../kernel/index.js';
import { DeclaredEntities } from '../../persistence/index.js';
import { type BundleExports } from '../compiler/module-entry.js';
import { ModuleScopes } from '../compiler/module-scopes.js';
import { HostPackages } from '../host-packages.js';
import { bundleFileKey, handlerReference, namedHandlers } from '../manifest-files.js';
import { type BundleSource, evaluateBundle } from './evaluate-bundle.js';
import { createModuleRequire } from './module-require.js';
import { resolveHandlers } from './resolve-handlers.js';
import { TimeLimitedCall } from './time-limited-call.js';

/** Runs a module's code, and finds in it what the manifest names. */
@Injectable()
export class CodeCapability implements Capability {
  readonly name = 'code';
  readonly isolation = 'inline';

  constructor(
    @Inject(HOST_CONFIG) private readonly config: Pick<HostConfig, 'loadTimeoutMs'>,
    private readonly hostPackages: HostPackages,
    private readonly scopes: ModuleScopes,
    private readonly timeLimited: TimeLimitedCall,
  ) {}

  /** @throws a coded error, with the author's own lines in the stack of its cause. */
  async attach(generation: Generation): Promise<Undo> {
    const { release, number } = generation;
    const surroundings = generation.part('surroundings');
    const shared = await this.hostPackages.load(release.bundle.externals);
    const require = createModuleRequire(await this.scopes.of(release.folder), shared, this.hostPackages, surroundings);
    const fileName = bundleFileName({ module: release.name, generation: number });
    const source = {
      code: release.bundle.code,
      fileName,
      folder: release.folder,
      require,
      globals: surroundings.globals,
    };
    const evaluate = () => moduleCode(release, this.#evaluate(release, source));
    const { result, declared } = DeclaredEntities.during(evaluate);
    generation.provide('code', result);
    generation.provide('entities', declared);
    return () => declared.forget();
  }

  #evaluate(release: Release, source: BundleSource): BundleExports {
    try {
      return this.timeLimited.run(() => evaluateBundle(source), this.config.loadTimeoutMs);
    } catch (thrown) {
      throw evaluationError(release, toError(thrown), this.config.loadTimeoutMs);
    }
  }
}

function moduleCode({ manifest }: Release, bundle: BundleExports): ModuleCode {
  const handlers = resolveHandlers(manifest, bundle);
  const entry = manifest.entry === undefined ? undefined : bundle.files[bundleFileKey(manifest.entry)]?.default;
  const entryHasHandlers = namedHandlers(manifest).some(
    ({ reference }) => handlerReference(reference).from === 'entry',
  );
  if (manifest.entry !== undefined && entry === undefined && !entryHasHandlers) {
    throw new NestdockError('ENTRY_NOT_EXPORTED', `${manifest.entry} has no default export.`, {
      problems: [
        {
          code: 'ENTRY_NOT_EXPORTED',
          message: `${manifest.entry} has no default export`,
          file: 'manifest.json',
          pointer: '/entry',
        },
      ],
    });
  }
  return {
    entry,
    handler(reference) {
      const found = handlers.get(reference);
      if (!found) throw new Error(`the manifest names no handler "${reference}"`);
      return found;
    },
    exportsOf(file) {
      const exports = bundle.files[file];
      if (!exports) throw new Error(`the bundle does not hold ${file}`);
      return exports;
    },
  };
}

function evaluationError({ name }: Release, cause: Error, limitMs: number): NestdockError {
  // Read while the mapper still knows the bundle: V8 formats a stack once, when it is first asked for.
  void cause.stack;
  const code = 'code' in cause ? cause.code : undefined;
  if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
    const detail = `The code of ${name} ran for more than ${limitMs} ms at its top level.`;
    return new NestdockError('LOAD_TIMEOUT', detail, { cause, extensions: { step: 'code' } });
  }
  return new NestdockError(
    code === 'ERR_REQUIRE_ASYNC_MODULE' ? 'ASYNC_PACKAGE' : 'MODULE_EVALUATION_FAILED',
    `The code of ${name} threw while it was being loaded: ${cause.message}`,
    { cause },
  );
}
