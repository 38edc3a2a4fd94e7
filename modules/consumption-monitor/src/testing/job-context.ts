import { type JobContext } from 'nestdock';

type Provider = abstract new (...args: never[]) => unknown;

/** A {@link JobContext} for specs: its providers and values given, what is logged and progressed written down. */
export function jobContext<Config extends object>({
  config,
  providers = [],
  settings = {},
  hostUrl = 'http://127.0.0.1:9',
  signal = new AbortController().signal,
  scheduledAt = new Date(),
}: {
  config: Config;
  providers?: readonly object[];
  settings?: Record<string, unknown>;
  hostUrl?: string;
  signal?: AbortSignal;
  scheduledAt?: Date;
}) {
  const log: string[] = [];
  const progressed: { percent: number; message: string | undefined }[] = [];
  const write = (message: string | Error) => void log.push(String(message));
  const context: JobContext<Config> = {
    module: { name: 'consumption-monitor', version: '1.0.0' },
    hostUrl,
    logger: { debug: write, info: write, warn: write, error: write },
    settings,
    get dataSource(): never {
      throw new Error('there is no database');
    },
    get: <T>(token: unknown): T => {
      const found = providers.find(
        (provider) => typeof token === 'function' && provider instanceof (token as Provider),
      );
      if (!found) throw new Error('there is no such provider');
      return found as T;
    },
    onSettingsChanged: () => () => undefined,
    job: { key: 'collect', runId: 'run', scheduledAt, attempt: 1, config },
    idempotencyKey: 'run',
    signal,
    progress: (percent, message) => void progressed.push({ percent, message }),
  };
  return { context, log, progressed };
}
