import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex } from 'node:stream';
import { SOCKET_NAME } from './module-connection.js';

/** Whom a folder is to belong to. */
export interface FolderOwner {
  readonly uid: number;
  readonly gid: number;
}

export interface SocketOptions {
  /** Opens a connection to the database. */
  readonly connect: () => Duplex;
  /** Connections at the same time, at most. */
  readonly connections: number;
  /** undefined: the host's own user. */
  readonly owner: FolderOwner | undefined;
}

/** A Unix socket, in a folder that nobody else may enter, on which the embedded database answers. */
export interface EmbeddedSocket {
  readonly folder: string;
  close(): Promise<void>;
}

export async function serveEmbedded({ connect, connections, owner }: SocketOptions): Promise<EmbeddedSocket> {
  const folder = await mkdtemp(join(tmpdir(), 'nestdock-db-')); // mode 0700
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    joinStreams(socket, connect());
  });
  server.maxConnections = connections;
  server.listen(join(folder, SOCKET_NAME));
  await once(server, 'listening');
  if (owner) {
    await chown(join(folder, SOCKET_NAME), owner.uid, owner.gid);
    await chown(folder, owner.uid, owner.gid);
  }
  return {
    folder,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Whichever of the two ends, or breaks, takes the other with it: what the module has begun is rolled back. */
function joinStreams(socket: Socket, database: Duplex): void {
  socket.pipe(database).pipe(socket);
  const end = () => {
    socket.destroy();
    database.destroy();
  };
  for (const one of [socket, database]) one.once('close', end).on('error', end);
}
