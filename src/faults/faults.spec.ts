import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { runInScope } from '../common/module-scope.js';
import { type Logger } from '../common/logging/logger.js';
import { type CodeOrigin, type CodeOrigins } from '../kernel/index.js';
import { FaultNet, type FaultSource } from './fault-net.js';
import { ModuleFaults } from './module-faults.js';
import { ProcessGuard } from './process-guard.js';

const scope = { module: 'hello', generation: 1 };

/** What the guard needs of a process. */
class FakeProcess extends EventEmitter {
  readonly pid = 4711;
  exit = jest.fn();
  kill = jest.fn();
  chdir = jest.fn();
  umask = jest.fn();
}

describe('what modules do to the process', () => {
  const logger = { error: jest.fn() };
  const incidents = { countsErrors: false, report: jest.fn() };
  let origin: CodeOrigin | undefined;
  let host: FakeProcess;
  let faults: ModuleFaults;
  const origins: CodeOrigins = { originOf: () => origin, positionOf: () => undefined, locate: () => undefined };
  beforeEach(() => {
    jest.clearAllMocks();
    origin = undefined;
    host = new FakeProcess();
    incidents.report.mockClear();
    faults = new ModuleFaults(logger as unknown as Logger, incidents);
  });

  describe('a call that would end or change it', () => {
    const refused = expect.objectContaining({ code: 'PROCESS_CALL_REFUSED' });
    let exit: FakeProcess['exit'];
    let restore: () => void;
    beforeEach(() => {
      exit = host.exit;
      restore = new ProcessGuard(origins, faults).install(host);
    });

    it('is the host’s to make', () => {
      host.exit(3);
      expect(exit).toHaveBeenCalledWith(3);
      expect(faults.counts()).toEqual({});
    });

    it('is refused where a module is in the stack, or it is made on its behalf', () => {
      expect(() => runInScope(scope, host.exit)).toThrow(refused);
      origin = { module: 'other', generation: 2 };
      expect(() => host.exit()).toThrow(refused);
      expect(exit).not.toHaveBeenCalled();
      expect(faults.counts()).toEqual({ hello: 1, other: 1 });
    });

    it.each<[name: 'kill' | 'umask', args: number[], isRefused: boolean]>([
      ['kill', [4711], true],
      ['kill', [-4711, 9], true],
      ['kill', [0, 15], true],
      ['kill', [-1, 15], true],
      ['kill', [4711, 0], false],
      ['kill', [4712, 9], false],
      ['umask', [0o22], true],
      ['umask', [], false],
    ])('%s(%p) is refused: %p', (name, args, isRefused) => {
      const call = () => runInScope(scope, () => host[name](...args));
      if (isRefused) expect(call).toThrow(refused);
      else expect(call).not.toThrow();
    });

    it('keeps a module from taking the nets away', () => {
      expect(() => runInScope(scope, () => host.removeAllListeners('uncaughtException'))).toThrow(refused);
    });

    it('is the process’s own again afterwards', () => {
      restore();
      expect(host.exit).toBe(exit);
      expect(Object.hasOwn(host, 'removeAllListeners')).toBe(false);
      runInScope(scope, host.exit);
      expect(exit).toHaveBeenCalledTimes(1);
    });
  });

  describe('an error that nothing caught', () => {
    const onHostFault = jest.fn();
    let takeAway: () => void;
    beforeEach(() => {
      takeAway = new FaultNet(origins, faults).install(host as unknown as FaultSource, onHostFault);
    });

    it('is the module’s, and counted once however often it comes', () => {
      const error = new Error('once');
      runInScope(scope, () => host.emit('uncaughtException', error));
      runInScope(scope, () => host.emit('unhandledRejection', error));
      expect(faults.counts()).toEqual({ hello: 1 });
      expect(onHostFault).not.toHaveBeenCalled();
      expect(logger.error).toHaveBeenCalledTimes(1);
      expect(logger.error).toHaveBeenCalledWith(
        { ...scope, fault: 'exception', err: error },
        'The module threw what nothing caught',
      );
    });

    it('is the host’s where no module has a part in it', () => {
      const error = new Error('of the host');
      host.emit('unhandledRejection', error);
      expect(onHostFault).toHaveBeenCalledWith(error, 'rejection');
      expect(faults.counts()).toEqual({});
    });

    it('is nobody’s business once the net is gone', () => {
      takeAway();
      expect(host.eventNames()).toEqual([]);
    });
  });
});
