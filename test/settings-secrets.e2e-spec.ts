import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type JobView, type ListView, type RunView } from '../src/jobs/index.js';
import { eventually } from './support/eventually.js';
import { HostProcess } from './support/host-process.js';

/** Some that JSON and URLs write in another way. */
const SECRETS = ['correct-horse-battery-staple', 'quote"d & back\\slashed/æther', 'line one\nline two'];
const MODULE = '/api/v1/m/settings-live';

let host: HostProcess;
/** Everything that the host has answered, but for the module's own routes where they succeed. */
const answers: string[] = [];

beforeAll(async () => {
  host = await HostProcess.start({ modules: ['settings-live', 'settings-plugin'], env: { LOG_LEVEL: 'debug' } });
}, 120_000);
afterAll(() => host.dispose());

async function admin<T = Record<string, unknown>>(method: string, path: string, body?: object): Promise<T> {
  const answer = await host.admin<T>(method, path, body);
  answers.push(JSON.stringify(answer.body));
  return answer.body;
}

async function get(path: string): Promise<Response> {
  const response = await fetch(host.url + path);
  answers.push(await response.clone().text(), JSON.stringify([...response.headers]));
  return response;
}

/** In the forms that a reader would know it by. */
function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const lines = secret.split('\n');
  return [secret, ...lines, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(secret)];
}

it('is in no response, log line, error or document; the module reads it', async () => {
  for (const secret of SECRETS) {
    await admin('PUT', '/modules/settings-live/settings', { apiKey: secret, greeting: 'set' });
    await admin('POST', '/modules/settings-live/enable');
    const { digest } = (await (await fetch(`${host.url}${MODULE}/settings`)).json()) as { digest: string };
    expect(digest).toBe(createHash('sha256').update(secret).digest('hex'));
    await useIt();
    await failWithIt();
    for (const form of formsOf(secret)) {
      expect(answers.filter((answer) => answer.includes(form))).toEqual([]);
      expect(host.output.split('\n').filter((line) => line.includes(form))).toEqual([]);
    }
  }
  expect(host.output).toContain('using [redacted]');
  expect(host.output).toContain('refused [redacted]');
  expect(host.output).toContain('job refused [redacted]');
  expect(answers.some((answer) => answer.includes('made with [redacted]'))).toBe(true);
}, 120_000);

/** Where an operator looks, and where the module says what it has. */
async function useIt(): Promise<void> {
  await admin('GET', '/modules');
  await admin('GET', '/modules/settings-live');
  await admin('GET', '/modules/settings-live/settings');
  await admin('GET', '/modules/settings-live/settings/history');
  await admin('PUT', '/modules/settings-live/settings', { apiKey: 5 });
  await get('/docs-json');
  await get(`${MODULE}/log`);
  await get(`${MODULE}/throw`);
  await get(`${MODULE}/nest-throw`);
  const { items } = await admin<ListView<JobView>>('GET', '/jobs?module=settings-live');
  const run = await admin<RunView>('POST', `/jobs/${items[0]?.id}/run`);
  await eventually(async () => {
    expect(await admin<RunView>('GET', `/runs/${run.id}`)).toMatchObject({ status: 'dead' });
  });
}

/** What fails is kept with the module. */
async function failWithIt(): Promise<void> {
  await admin('PUT', '/modules/settings-live/settings', { greeting: 'fail' });
  await admin('PUT', '/modules/settings-live/settings', { greeting: 'fail-unload' });
  await admin('POST', '/modules/settings-live/disable');
  expect(await admin('GET', '/modules/settings-live')).toMatchObject({ error: { code: 'UNLOAD_INCOMPLETE' } });
  const entry = join(host.modulesDir, 'settings-live', 'src', 'index.ts');
  const code = await readFile(entry, 'utf8');
  const broken = code.replace(
    'context.onSettingsChanged(',
    "if (context.settings['greeting'] === 'fail-load') throw new Error(`made with ${String(context.settings['apiKey'])}`);\n    context.onSettingsChanged(",
  );
  await writeFile(entry, broken);
  await admin('PUT', '/modules/settings-live/settings', { greeting: 'fail-load' });
  expect(await admin('POST', '/modules/settings-live/enable')).toMatchObject({ code: 'COMPOSITION_FAILED' });
  expect(await admin('GET', '/modules/settings-live')).toMatchObject({ error: { stack: expect.any(String) } });
  await writeFile(entry, code);
}

it('is in no error of a plugin', async () => {
  const secret = SECRETS[0] as string;
  await admin('PUT', '/modules/settings-plugin/settings', { apiKey: secret });
  await admin('POST', '/modules/settings-plugin/enable');
  const response = await get('/api/v1/m/settings-plugin/throw');
  expect(response.status).toBe(500);
  expect(await response.json()).toMatchObject({ statusCode: 500, message: 'the plugin refused [redacted]' });
  expect(answers.filter((answer) => answer.includes(secret))).toEqual([]);
  expect(host.output).not.toContain(secret);
});

it('is sealed in the database, and opens after a restart', async () => {
  const secret = SECRETS[0] as string;
  await host.terminate();
  await host.restart();
  const response = await fetch(`${host.url}/api/v1/m/settings-plugin/digest`);
  expect(await response.text()).toBe(createHash('sha256').update(secret).digest('hex'));
  await host.terminate();
  await expect(host.restart({ SECRET_KEY: 'another-key' })).rejects.toThrow('sealed with another key');
  const old = (await readFile(join(host.dataDir, 'secret-key'), 'utf8')).trim();
  await host.restart({ SECRET_KEY: 'another-key', SECRET_KEY_PREVIOUS: old });
  expect(host.output).toContain('Secrets were sealed with the new key');
  const anew = await fetch(`${host.url}/api/v1/m/settings-plugin/digest`);
  expect(await anew.text()).toBe(createHash('sha256').update(secret).digest('hex'));
}, 120_000);
