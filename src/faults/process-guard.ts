import { Inject, Injectable } from '@nestjs/common';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { withWholeStack } from '../common/whole-stack.js';
import { CODE_ORIGINS, type CodeOrigins } from '../kernel/index.js';
import { attribute } from './attribution.js';
import { ModuleFaults } from './module-faults.js';

type AnyFunction = (...args: unknown[]) => unknown;

const always = () => true;

/** Whether a signal to this pid reaches the host; signal 0 only asks whether somebody is there. */
const reachesHost = (host: object, [pid, signal]: readonly unknown[]): boolean =>
  signal !== 0 && [0, -1, Reflect.get(host, 'pid'), -Number(Reflect.get(host, 'pid'))].includes(Number(pid));

/** What ends the process, or changes it for everybody in it; and when a call does. */
const GUARDED: Readonly<Record<string, (host: object, args: readonly unknown[]) => boolean>> = {
  exit: always,
  reallyExit: always,
  abort: always,
  kill: reachesHost,
  chdir: always,
  umask: (_host, args) => args.length > 0,
  setuid: always,
  seteuid: always,
  setgid: always,
  setegid: always,
  setgroups: always,
  initgroups: always,
  removeAllListeners: always,
  setUncaughtExceptionCaptureCallback: always,
};

/** Refuses modules what would end the host. A net against mistakes: code that means harm finds ways around it. */
@Injectable()
export class ProcessGuard {
  constructor(
    @Inject(CODE_ORIGINS) private readonly origins: CodeOrigins,
    private readonly faults: ModuleFaults,
  ) {}

  /** @returns what puts the process's own functions back */
  install(host: object): () => void {
    const restores = Object.entries(GUARDED).flatMap(([name, forbids]) => this.#guard(host, name, forbids));
    return () => restores.forEach((restore) => restore());
  }

  #guard(host: object, name: string, forbids: (typeof GUARDED)[string]): (() => void)[] {
    const original: unknown = Reflect.get(host, name);
    if (typeof original !== 'function') return []; // not on this platform
    const own = Object.getOwnPropertyDescriptor(host, name);
    const guarded: AnyFunction = (...args) => {
      if (forbids(host, args)) this.#refuseModules(name, guarded);
      return Reflect.apply(original, host, args) as unknown;
    };
    Object.defineProperty(host, name, { value: guarded, configurable: true, writable: true, enumerable: true });
    return [() => void (own ? Object.defineProperty(host, name, own) : Reflect.deleteProperty(host, name))];
  }

  /** @throws NestdockError PROCESS_CALL_REFUSED where a module's code is in the stack, or it is run on a module's behalf */
  #refuseModules(name: string, guarded: AnyFunction): void {
    const error = withWholeStack(guarded, () => new NestdockError('PROCESS_CALL_REFUSED', `process.${name}()`));
    const whose = attribute(error, this.origins);
    if (!whose) return;
    this.faults.report('refused-call', error, whose);
    throw error;
  }
}
