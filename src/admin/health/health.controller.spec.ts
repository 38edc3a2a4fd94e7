import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { adminApp } from '../../../test/support/admin-app.js';
import { FakeJobs } from '../../../test/support/fake-jobs.js';
import { FakeLifecycle } from '../../../test/support/fake-lifecycle.js';

describe('HealthController', () => {
  const lifecycle = new FakeLifecycle();
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await adminApp([...lifecycle.providers, new FakeJobs().provider]);
  });
  afterAll(() => app.close());
  beforeEach(() => {
    Object.assign(lifecycle, {
      isReady: true,
      isStopping: false,
      isStarved: false,
      hasCaughtUp: true,
      database: { healthy: true, latencyMs: 1 },
    });
  });

  it('answers without the token, and from no cache', async () => {
    const answer = await app.inject('/health');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    const { timestamp, uptime, ...rest } = answer.json<{ timestamp: string; uptime: number }>();
    expect(rest).toEqual({ status: 'ok', environment: 'test' });
    expect(new Date(timestamp).toISOString()).toBe(timestamp);
    expect(uptime).toBeGreaterThan(0);
  });

  it('lives even where it is not ready', async () => {
    lifecycle.isReady = false;
    expect((await app.inject('/health')).statusCode).toBe(200);
    expect((await app.inject('/health/live')).json()).toEqual({ status: 'ok' });
  });

  it('is ready once every enabled module was tried and the database answers', async () => {
    const answer = await app.inject('/health/ready');
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'ready', databaseLatencyMs: 1 }]);
  });

  it.each([
    ['it loads modules', { isReady: false }, 'HOST_NOT_READY'],
    ['it is starved', { isStarved: true }, 'HOST_NOT_READY'],
    ['other hosts are ahead of it', { hasCaughtUp: false }, 'HOST_NOT_READY'],
    ['it stops', { isReady: false, isStopping: true }, 'HOST_STOPPING'],
    [
      'its database is gone',
      { database: { healthy: false, latencyMs: 9, error: new Error('password=hunter2') } },
      'HOST_NOT_READY',
    ],
  ])('is not ready while %s', async (_while, state, code) => {
    Object.assign(lifecycle, state);
    const answer = await app.inject('/health/ready');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code, status: 503 });
    expect(answer.body).not.toContain('hunter2');
  });
});
