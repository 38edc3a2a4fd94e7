import { it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../../common/logging/logger.js';
import { SecretRegistry } from '../../common/redaction/secret-registry.js';
import { ChildFastifyAdapter } from './child-fastify.adapter.js';

it('closes though a connection was opened on which nothing was ever asked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nestdock-'));
  const logger = createLogger({ level: 'silent', pretty: false, secrets: new SecretRegistry() });
  const adapter = new ChildFastifyAdapter(logger);
  const server = adapter.getInstance();
  await server.listen({ path: join(folder, 'http') });
  const socket = connect(join(folder, 'http'));
  try {
    await once(socket, 'connect');
    const gone = once(socket, 'close');
    await server.close();
    await gone;
  } finally {
    socket.destroy();
    await rm(folder, { recursive: true, force: true });
  }
});
