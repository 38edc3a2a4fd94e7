import { Inject, Injectable } from '@nestjs/common';
import { type OpenAPIObject } from '@nestjs/swagger';
import { LOGGER, type Logger } from '../../common/logging/logger.js';
import { toError } from '../../common/to-error.js';
import { type Generation } from '../../kernel/index.js';
import { ModuleLoaderService } from '../../lifecycle/index.js';
import { mergeDocuments, type ModuleDocument } from './merge-documents.js';

/** A module whose part of the document could not be built. */
interface DocumentFailure {
  readonly module: string;
  readonly detail: string;
}

export type ApiDocument = OpenAPIObject & { readonly 'x-errors'?: readonly DocumentFailure[] };

/** The OpenAPI document of this host, as loaded at the moment of asking. */
@Injectable()
export class ApiDocumentService {
  #host: OpenAPIObject | undefined;
  /** A generation never changes its routes: its document is built once, and goes with it. */
  readonly #built = new WeakMap<Generation, OpenAPIObject>();

  constructor(
    private readonly loader: ModuleLoaderService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Sets the document of the host's own routes, which stay as they are from its start to its end. */
  describeHost(document: OpenAPIObject): void {
    this.#host = document;
  }

  /** The document; a module whose part cannot be built is left out and named in `x-errors`. */
  async current(): Promise<ApiDocument> {
    if (!this.#host) throw new Error('the host has no OpenAPI document: call setUpApiDocument(app) before it listens');
    const modules: ModuleDocument[] = [];
    const failures: DocumentFailure[] = [];
    for (const generation of this.loader.getLoadedModules()) {
      try {
        modules.push(await this.#describe(generation));
      } catch (thrown) {
        failures.push(this.#fail(generation, thrown));
      }
    }
    const document = mergeDocuments(this.#host, modules.sort(byName));
    return failures.length > 0 ? { ...document, 'x-errors': failures } : document;
  }

  async #describe(generation: Generation): Promise<ModuleDocument> {
    const document = this.#built.get(generation) ?? (await generation.part('apiDocument')());
    this.#built.set(generation, document);
    const { displayName, description } = generation.release.manifest;
    return { name: generation.name, displayName, description, document };
  }

  #fail(generation: Generation, thrown: unknown): DocumentFailure {
    const error = toError(thrown);
    this.logger.warn({ module: generation.name, err: error }, 'the API document of the module could not be built');
    return { module: generation.name, detail: error.message };
  }
}

const byName = (left: ModuleDocument, right: ModuleDocument): number => left.name.localeCompare(right.name);
