import { Injectable } from '@nestjs/common';
import { VERSION } from 'rolldown';
import { HostPackages } from '../host-packages.js';
import { Compilation, type CompileRequest, type CompileResult } from './compilation.js';

/** Counts up with every change of what this compiler makes of the same input. */
const COMPILER_REVISION = 2;

/** Compiles a module's files into one CommonJS text. Nothing of the module's code runs. */
@Injectable()
export class BundleCompiler {
  constructor(private readonly hostPackages: HostPackages) {}

  /** Names everything but the inputs that a bundle depends on. */
  fingerprint(): string {
    return `${COMPILER_REVISION} rolldown@${VERSION} ${this.hostPackages.fingerprint()}`;
  }

  /** @throws BUNDLE_FAILED with every problem that was found. */
  async compile(request: CompileRequest): Promise<CompileResult> {
    return new Compilation(request, this.hostPackages).run();
  }
}
