import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HostProcess } from './support/host-process.js';
import { ISOLATIONS } from './support/isolations.js';

/** Packages of the Fastify ecosystem, installed in the module's folder alone. */
describe.each(ISOLATIONS)('plugins of the Fastify ecosystem, docked %s', (_where, manifest) => {
  let host: HostProcess;

  beforeAll(async () => {
    host = await HostProcess.start({ modules: ['static-site', 'upload'], manifest });
    for (const name of ['static-site', 'upload']) {
      const { status, body } = await host.admin('POST', `/modules/${name}/enable`);
      expect([status, body.state, body.error]).toEqual([200, 'active', null]);
    }
  });
  afterAll(() => host.dispose());

  const at = (path: string) => `${host.url}/api/v1/m/${path}`;

  it('@fastify/static serves the files of the module, and nothing beside them', async () => {
    const folder = join(host.modulesDir, 'static-site', 'public');
    const page = await fetch(at('static-site/'));
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await page.text()).toBe(await readFile(join(folder, 'index.html'), 'utf8'));
    const style = await fetch(at('static-site/style.css'));
    expect([style.status, style.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
    expect((await fetch(at('static-site/nothing.css'))).status).toBe(404);
    expect((await fetch(at('static-site/..%2fmanifest.json'))).status).not.toBe(200);
  });

  it('@fastify/static answers for parts of a file', async () => {
    const part = await fetch(at('static-site/style.css'), { headers: { range: 'bytes=0-1' } });
    expect([part.status, await part.text()]).toEqual([206, 'h1']);
    const beyond = await fetch(at('static-site/style.css'), { headers: { range: 'bytes=9999-' } });
    expect(beyond.status).toBe(416);
  });

  it('@fastify/multipart takes files', async () => {
    const bytes = Buffer.alloc(200_000, 'abc');
    const form = new FormData();
    form.append('photo', new Blob([bytes], { type: 'image/png' }), 'photo.png');
    form.append('note', new Blob(['hello'], { type: 'text/plain' }), 'note.txt');
    const answer = await fetch(at('upload/upload'), { method: 'POST', body: form });
    const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');
    expect([answer.status, await answer.json()]).toEqual([
      200,
      {
        files: [
          { field: 'photo', name: 'photo.png', mimetype: 'image/png', bytes: 200_000, sha256: sha256(bytes) },
          { field: 'note', name: 'note.txt', mimetype: 'text/plain', bytes: 5, sha256: sha256('hello') },
        ],
      },
    ]);
  });

  it('@fastify/multipart refuses a file that is too large', async () => {
    const form = new FormData();
    form.append('file', new Blob([Buffer.alloc(1_000_001)]), 'large.bin');
    expect((await fetch(at('upload/upload'), { method: 'POST', body: form })).status).toBe(413);
  });

  it('leaves nothing behind when it is disabled', async () => {
    expect((await host.admin('POST', '/modules/static-site/disable')).status).toBe(200);
    expect((await fetch(at('static-site/'))).status).toBe(404);
    expect((await fetch(at('upload/upload'), { method: 'POST', body: new FormData() })).status).toBe(200);
  });
});
