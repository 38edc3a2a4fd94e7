import { type DestinationStream, type Logger, type LoggerOptions as PinoOptions, pino } from 'pino';
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
    ...(pretty && {
      transport: {
        target: 'pino-pretty',
        options: { translateTime: 'HH:MM:ss.l', ignore: 'pid,hostname', singleLine: true },
      },
    }),
  };
  return destination ? pino(options, destination) : pino(options);
}

export { type Logger } from 'pino';
