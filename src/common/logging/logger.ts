import { type Logger, pino } from 'pino';

/** Injection token of the host's pino {@link Logger}. Log with fields first: `logger.info({ module }, 'loaded')`. */
export const LOGGER = Symbol('Logger');

/** Fields that never reach the log, wherever a line carries them. */
const REDACTED = [
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
}

export function createLogger({ level, pretty }: LoggerOptions): Logger {
  return pino({
    level,
    base: undefined,
    redact: { paths: REDACTED, censor: '[redacted]' },
    ...(pretty && {
      transport: {
        target: 'pino-pretty',
        options: { translateTime: 'HH:MM:ss.l', ignore: 'pid,hostname', singleLine: true },
      },
    }),
  });
}

export { type Logger } from 'pino';
