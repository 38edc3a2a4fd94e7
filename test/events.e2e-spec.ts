import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type HostEvent } from '../src/kernel/index.js';
import { type JobView, type ListView } from '../src/jobs/index.js';
import { eventually } from './support/eventually.js';
import { TEST_TOKEN, TestHost } from './support/test-host.js';

/** What a client reads of `GET /api/v1/events`. */
class EventClient {
  readonly events: HostEvent[] = [];
  readonly #abort = new AbortController();
  ended = false;

  static async open(host: TestHost, lastId?: string): Promise<EventClient> {
    const client = new EventClient();
    const response = await fetch(`${host.url}/api/v1/events`, {
      headers: { authorization: `Bearer ${TEST_TOKEN}`, ...(lastId !== undefined && { 'last-event-id': lastId }) },
      signal: client.#abort.signal,
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    void client.#read(response.body as ReadableStream<Uint8Array>);
    return client;
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    try {
      for await (const chunk of body) {
        text += decoder.decode(chunk, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) this.#take(block);
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) throw error;
    }
    this.ended = true;
  }

  #take(block: string): void {
    const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
    const data = fields.get('data');
    if (data === undefined) return;
    const event = JSON.parse(data) as HostEvent;
    expect([fields.get('id'), fields.get('event')]).toEqual([event.id, event.type]);
    this.events.push(event);
  }
}

describe('live events', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await TestHost.start({ modules: ['slow'] });
  });
  afterAll(() => host.dispose());

  it('tell of modules, jobs and runs, to those who have the token', async () => {
    expect((await host.request('GET', '/api/v1/events')).status).toBe(401);
    const client = await EventClient.open(host);
    await host.admin('POST', '/modules/slow/enable');
    const { body } = await host.admin<ListView<JobView>>('GET', '/jobs?module=slow');
    const job = body.items.find(({ key }) => key === 'flaky') as JobView;
    await host.admin('PATCH', `/jobs/${job.id}`, { config: { succeedAt: 2 } });
    const { body: run } = await host.admin('POST', `/jobs/${job.id}/run`);
    const statuses = (events: readonly HostEvent[]) =>
      events.flatMap(({ type, data }) => (type === 'run.status' && 'status' in data ? [data.status] : []));
    await eventually(() =>
      expect(statuses(client.events)).toEqual(['queued', 'running', 'queued', 'running', 'succeeded']),
    );
    const seen = client.events.map(({ type, data }) => ({ type, data }));
    expect(seen.slice(0, 3)).toEqual([
      { type: 'module.state', data: { module: 'slow', from: 'idle', to: 'loading' } },
      { type: 'module.state', data: { module: 'slow', from: 'loading', to: 'active' } },
      { type: 'job.changed', data: { id: job.id, module: 'slow', job: 'flaky' } },
    ]);
    expect(seen.at(-1)?.data).toEqual({ id: run.id, jobId: job.id, module: 'slow', job: 'flaky', status: 'succeeded' });

    client.close();
    const again = await EventClient.open(host, client.events[2]?.id);
    await eventually(() => expect(again.events).toEqual(client.events.slice(3)));
    const stranger = await EventClient.open(host, 'unknown');
    await eventually(() => expect(stranger.events).toMatchObject([{ type: 'events.gap' }]));
    again.close();
    stranger.close();
  });

  it('do not keep the host from stopping', async () => {
    const client = await EventClient.open(host);
    await host.stop();
    await eventually(() => expect(client.ended).toBe(true));
    await host.open();
  });
});
