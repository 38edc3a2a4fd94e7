import { type JobContext } from 'nestdock';
import { type Reading } from '../readings/reading.entity.js';
import { ReadingsService } from '../readings/readings.service.js';
import { fetchReading } from './meter-client.js';

export interface CollectConfig {
  /** Meters that are asked at the same time. */
  readonly batchSize: number;
  readonly meterTimeoutMs: number;
}

export interface CollectResult {
  /** New readings. */
  readonly collected: number;
  readonly failures: readonly { readonly url: string; readonly reason: string }[];
}

/**
 * Asks the meters that the setting `meterUrls` lists, a batch at a time, and keeps what they show. A meter that fails is reported and does not stop the
 * others; where none answers, the run fails and is tried again.
 */
export default async function collect(context: JobContext<CollectConfig>): Promise<CollectResult> {
  const { batchSize } = context.job.config;
  const urls = meterUrls(context);
  const readings = context.get(ReadingsService);
  const failures: { url: string; reason: string }[] = [];
  let collected = 0;
  for (let done = 0; done < urls.length; done += batchSize) {
    const batch = urls.slice(done, done + batchSize);
    const outcomes = await Promise.allSettled(batch.map((url) => readMeter(url, context)));
    context.signal.throwIfAborted();
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === 'rejected') failures.push({ url: String(batch[index]), reason: reasonOf(outcome.reason) });
    }
    collected += await readings.add(
      outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : [])),
    );
    const asked = done + batch.length;
    context.progress((100 * asked) / urls.length, `${asked} of ${urls.length} meters asked`);
  }
  if (failures.length > 0) context.logger.warn('Some meters gave no reading', { failures });
  if (urls.length > 0 && failures.length === urls.length) {
    throw new Error(`No meter gave a reading: ${failures.map(({ url, reason }) => `${url}: ${reason}`).join('; ')}`);
  }
  return { collected, failures };
}

function readMeter(url: URL, { signal, job }: JobContext<CollectConfig>): Promise<Reading> {
  // A meter that hangs costs its own time, not that of the whole run.
  return fetchReading(url, AbortSignal.any([signal, AbortSignal.timeout(job.config.meterTimeoutMs)]));
}

/** @throws where the operator's list is none of URLs and paths */
function meterUrls({ settings, hostUrl }: JobContext<CollectConfig>): URL[] {
  const listed = settings['meterUrls'];
  if (!Array.isArray(listed)) throw new TypeError('meterUrls must be a list of URLs');
  return listed.map((url: unknown) => {
    if (typeof url === 'string' && URL.canParse(url, hostUrl)) return new URL(url, hostUrl);
    throw new TypeError(`meterUrls has an entry that is no URL: ${JSON.stringify(url)}`);
  });
}

/** fetch hides what went wrong in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
