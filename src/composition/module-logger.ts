import { type Logger } from '../common/logging/logger.js';
import { type ModuleLogger } from '../sdk/index.js';

type Fields = Readonly<Record<string, unknown>>;

/** Lets a module write to the host's log; an error goes with its stack. */
export function createModuleLogger(logger: Logger): ModuleLogger {
  const at =
    (level: 'debug' | 'info' | 'warn') =>
    (message: string, fields: Fields = {}): void =>
      logger[level]({ ...fields }, message);
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error(message, fields = {}) {
      if (typeof message === 'string') logger.error({ ...fields }, message);
      else logger.error({ ...fields, err: message }, message.message);
    },
  };
}
