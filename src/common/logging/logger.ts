import { type DestinationStream, type Logger, type LoggerOptions as PinoOptions, pino } from 'pino';
import { currentScope } from '../module-scope.js';
import { REDACTED } from '../redaction/redaction.js';
import { type SecretRegistry } from '../redaction/secret-registry.js';

/** Injection token of the host's pino {@link Logger}. Log with fields first: `logger.info({ module }, 'loaded')`. */
export const LOGGER = Symbol('Logger');

/** Fields that never reach the log, wherever a line carries them. */
const REDACTED_PATHS = [
  'req.headers.authorization',
  'req.headers.cookie',
  'authorization',
  'adminToken',
  'secretKey',
  'databaseUrl',
  'password',
];

export interface LoggerOptions {
  readonly level: string;
  /** Lines for a person at a terminal, in place of JSON. */
  readonly pretty: boolean;
  /** Taken out of whatever line they stand in. */
  readonly secrets: SecretRegistry;
  /** Where lines of JSON go; standard output where missing. */
  readonly destination?: DestinationStream;
}

export function createLogger({ level, pretty, secrets, destination }: LoggerOptions): Logger {
  const options: PinoOptions = {
    level,
    base: undefined,
    redact: { paths: REDACTED_PATHS, censor: REDACTED },
    hooks: { streamWrite: secrets.redactJson },
    mixin: (_fields, _level, logger) => scopeFields(logger),
    ...(pretty && {
      transport: {
        target: 'pino-pretty',
        options: { translateTime: 'HH:MM:ss.l', ignore: 'pid,hostname', singleLine: true },
      },
    }),
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Says on whose behalf a line is written, but where the logger says so by itself. */
function scopeFields(logger: Logger): object {
  const scope = currentScope();
  if (!scope) return {};
  const { module, requestId } = scope;
  // Bindings are kept as text of JSON; to have them parsed would cost each line.
  const bindings = String(Reflect.get(logger, pino.symbols.chindingsSym));
  return {
    ...(!bindings.includes('"module":') && { module }),
    ...(requestId !== undefined && !bindings.includes('"reqId":') && { reqId: requestId }),
  };
}

export { type Logger } from 'pino';
