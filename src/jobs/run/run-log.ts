import { type ModuleLogger } from '../../sdk/index.js';
import { type RunLogLine } from '../../persistence/index.js';
import { type JobSecrets } from '../job-secrets.js';
import { boundedFields, boundedText } from './bounded.js';

/** Lines that a run keeps; the oldest go first. */
const LONGEST_LOG = 200;
const LONGEST_MESSAGE = 2_000;

/** What a run's handler logged: each line goes to the host's log as well. */
export class RunLog {
  readonly #lines: RunLogLine[];
  #changed = false;

  constructor(
    private readonly hostLogger: ModuleLogger,
    kept: readonly RunLogLine[],
    private readonly secrets: JobSecrets,
  ) {
    this.#lines = [...kept];
  }

  get lines(): readonly RunLogLine[] {
    return this.#lines;
  }

  /** Whether there are lines that nobody has taken since the last call. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  /** What the handler logs with. */
  logger(): ModuleLogger {
    const write =
      (level: RunLogLine['level']) =>
      (message: string | Error, fields?: Readonly<Record<string, unknown>>): void => {
        this.add(level, message, fields);
        if (level === 'error') this.hostLogger.error(message, fields);
        else this.hostLogger[level](message instanceof Error ? message.message : message, fields);
      };
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  }

  add(level: RunLogLine['level'], message: string | Error, fields?: Readonly<Record<string, unknown>>): void {
    const text = message instanceof Error ? (message.stack ?? message.message) : String(message);
    this.#lines.push({
      time: new Date().toISOString(),
      level,
      message: boundedText(this.secrets.redactText(text), LONGEST_MESSAGE),
      ...(fields && { fields: boundedFields(fields, this.secrets.redactJson) }),
    });
    if (this.#lines.length > LONGEST_LOG) this.#lines.splice(0, this.#lines.length - LONGEST_LOG);
    this.#changed = true;
  }
}
