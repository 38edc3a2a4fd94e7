import { type Readable } from 'node:stream';
import { type Logger } from '../../common/logging/logger.js';

/** Longer lines are cut. */
const LONGEST_LINE = 16 * 1024;
/** Lines that a process may write in a second, and in one burst. */
const LINES_PER_SECOND = 200;
const BURST = 1_000;

const LEVELS: Readonly<Record<number, 'trace' | 'debug' | 'info' | 'warn' | 'error'>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'error',
};

interface LogLine {
  readonly level: number;
  readonly msg?: string;
  readonly time?: unknown;
  readonly [field: string]: unknown;
}

/**
 * Writes what a module's process says to the host's log: lines of its logger as they are, all else as text. A process
 * that says too much is not listened to for the rest of the second; what it said is lost, and that is told.
 */
export class ProcessOutput {
  #rest = '';
  #skipping = false;
  #tokens = BURST;
  #at = performance.now();
  #dropped = 0;

  constructor(
    private readonly logger: Logger,
    private readonly stream: 'stdout' | 'stderr',
  ) {}

  listen(source: Readable): void {
    source.setEncoding('utf8');
    source.on('data', (text: string) => this.#take(text));
    source.once('close', () => this.#end());
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (this.#skipping) this.#skipping = false;
      else this.#write(line);
    }
    if (this.#rest.length <= LONGEST_LINE) return;
    if (!this.#skipping) this.#write(this.#rest);
    this.#skipping = true;
    this.#rest = '';
  }

  #end(): void {
    if (this.#rest !== '' && !this.#skipping) this.#write(this.#rest);
    this.#tellDropped();
  }

  #write(line: string): void {
    if (line.trim() === '' || !this.#mayWrite()) return;
    const text = line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}… (cut)` : line;
    const parsed = parse(text);
    if (!parsed) return void this.logger[this.stream === 'stdout' ? 'info' : 'warn']({ stream: this.stream }, text);
    const { level, msg, time: _time, ...fields } = parsed;
    this.logger[LEVELS[level] ?? 'info'](fields, msg);
  }

  #mayWrite(): boolean {
    const now = performance.now();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#at) / 1000) * LINES_PER_SECOND);
    this.#at = now;
    if (this.#tokens < 1) {
      this.#dropped++;
      return false;
    }
    this.#tokens--;
    this.#tellDropped();
    return true;
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return;
    this.logger.warn(
      { dropped: this.#dropped },
      'The module writes more than the host listens to; lines were left out',
    );
    this.#dropped = 0;
  }
}

function parse(line: string): LogLine | undefined {
  if (!line.startsWith('{"level":')) return undefined;
  try {
    const parsed = JSON.parse(line) as LogLine;
    return typeof parsed.level === 'number' ? parsed : undefined;
  } catch {
    return undefined; // cut, or no line of the logger's after all
  }
}
