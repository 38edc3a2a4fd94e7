import { runInThisContext } from 'node:vm';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import {
  type AuthorPosition,
  type CodeOrigin,
  type CodeOrigins,
  bundleFileName,
  parseBundleFileName,
} from '../../kernel/index.js';
import { mapCallSite, printed } from './mapped-call-site.js';
import { SourcePositions } from './source-positions.js';

type Formatter = ErrorConstructor['prepareStackTrace'];

/** Makes the stacks of errors in modules point at the authors' own lines; all other frames stay as V8 prints them. */
@Injectable()
export class StackTraceMapper implements CodeOrigins, OnModuleInit, OnApplicationShutdown {
  readonly #bundles = new Map<string, SourcePositions>();
  readonly #origins = new WeakMap<object, CodeOrigin>();
  readonly #authorPositions = new WeakMap<object, AuthorPosition>();
  #uninstall: (() => void) | undefined;

  onModuleInit(): void {
    this.install();
  }

  /** After the modules' own hooks, whose errors are to be readable too. */
  onApplicationShutdown(): void {
    this.uninstall();
  }

  /** Where the host's code runs in a realm of its own, as under jest, modules still are compiled in the process's first. */
  install(): void {
    if (this.#uninstall) return;
    const realms = new Set([Error, runInThisContext('Error') as ErrorConstructor]);
    const uninstalls = [...realms].map((constructor) => this.#installIn(constructor));
    this.#uninstall = () => uninstalls.forEach((uninstall) => uninstall());
  }

  uninstall(): void {
    this.#uninstall?.();
    this.#uninstall = undefined;
  }

  /**
   * @param map source map of the bundle, with paths from `folder`
   * @returns what forgets the bundle
   */
  register(origin: CodeOrigin, map: string, folder: string): () => void {
    const fileName = bundleFileName(origin);
    this.#bundles.set(fileName, new SourcePositions(map, folder));
    return () => this.#bundles.delete(fileName);
  }

  locate(fileName: string, line: number, column: number): AuthorPosition | undefined {
    return this.#bundles.get(fileName)?.at(line, column);
  }

  originOf(error: Error): CodeOrigin | undefined {
    // V8 formats a stack when it is first asked for, and only then are its frames seen.
    void error.stack;
    return this.#origins.get(error);
  }

  positionOf(error: Error): AuthorPosition | undefined {
    void error.stack;
    return this.#authorPositions.get(error);
  }

  #installIn(constructor: ErrorConstructor): () => void {
    const previous = Reflect.get(constructor, 'prepareStackTrace') as Formatter | undefined;
    const format: Formatter = (error, frames) => {
      this.#noteOrigin(error, frames);
      const mapped = frames.map((frame) => this.#map(frame));
      if (!previous) return formatAsV8(error, mapped);
      try {
        return previous.call(constructor, error, mapped) as string;
      } catch {
        return formatAsV8(error, mapped); // Node's own fails where the error's message does, and V8's does not
      }
    };
    constructor.prepareStackTrace = format;
    return () => {
      // Whoever has installed on top of this one keeps it; it is without effect once the bundles are forgotten.
      if (constructor.prepareStackTrace !== format) return;
      if (previous) constructor.prepareStackTrace = previous;
      else Reflect.deleteProperty(constructor, 'prepareStackTrace');
    };
  }

  #noteOrigin(error: Error, frames: readonly NodeJS.CallSite[]): void {
    for (const frame of frames) {
      const origin = parseBundleFileName(frame.getFileName() ?? '');
      if (origin) {
        this.#origins.set(error, origin);
        const position = this.#positionOf(frame);
        if (position) this.#authorPositions.set(error, position);
        return;
      }
    }
  }

  #positionOf(frame: NodeJS.CallSite): AuthorPosition | undefined {
    const positions = this.#bundles.get(frame.getFileName() ?? '');
    return positions?.at(frame.getLineNumber() ?? 0, frame.getColumnNumber() ?? 0);
  }

  #map(frame: NodeJS.CallSite): NodeJS.CallSite {
    const position = this.#positionOf(frame);
    return position ? mapCallSite(frame, position) : frame;
  }
}

function formatAsV8(error: Error, frames: readonly NodeJS.CallSite[]): string {
  return [describe(error), ...frames.map((frame) => `    at ${printed(frame)}`)].join('\n');
}

/** An error's `name` or `message` may be a getter that throws: V8 has a word for that. */
function describe(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return '<error>';
  }
}
