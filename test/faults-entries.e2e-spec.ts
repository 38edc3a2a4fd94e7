import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { HostProcess } from './support/host-process.js';

interface Line {
  readonly module?: string;
  readonly fault?: string;
  readonly err?: { readonly message: string };
}

describe('what is thrown without a stack', () => {
  let host: HostProcess;
  beforeAll(async () => {
    host = await HostProcess.start({ modules: ['faulty-nest', 'faulty-plugin'], env: { QUARANTINE_CRASHES: '0' } });
    for (const name of ['faulty-nest', 'faulty-plugin']) {
      expect(await host.admin('POST', `/modules/${name}/enable`)).toMatchObject({ status: 200 });
      expect(await host.admin('PUT', `/modules/${name}/settings`, { size: 2 })).toMatchObject({ status: 200 });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${host.url}/api/v1/m/${name}/fail`, { method: 'POST', headers, body: '{"a":1}' });
      expect(answer.ok).toBe(true);
      expect(await host.admin('POST', `/modules/${name}/disable`)).toMatchObject({ status: 200 });
    }
  });
  afterAll(() => host.dispose());

  const faults = () =>
    host.output
      .split('\n')
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []))
      .flatMap(({ module, fault, err }) => (fault === undefined ? [] : [`${module}, ${err?.message}`]));

  it.each([
    ...['evaluation', 'constructor', 'hook', 'schedule', 'settings', 'middleware', 'handler', 'last hook'].map(
      (where) => ['faulty-nest', `nest: ${where}`],
    ),
    ...['registration', 'settings', 'onRequest', 'handler', 'onClose'].map((where) => [
      'faulty-plugin',
      `plugin: ${where}`,
    ]),
  ])("is known for %s's: %s", async (module, text) => {
    await eventually(() => expect(faults()).toContain(`${module}, thrown: '${text}'`));
  });
});
