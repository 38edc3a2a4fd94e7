import { open } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { existsSync } from 'node:fs';
import { hasErrorCode } from '../../common/error-code.js';

/** Something that the kernel takes back when the process dies, whatever it dies of. */
export interface Presence {
  end(): Promise<void>;
}

/**
 * Listens on a Unix socket at `path` for as long as this process lives. Others that share the folder see by it that
 * the process is there, from another container too, where its pid means nothing.
 * @returns undefined where the file system has no sockets.
 */
export function announcePresence(path: string): Promise<Presence | undefined> {
  return atShortPath(path, (short) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    return new Promise<Presence | undefined>((resolve, reject) => {
      server.once('error', (error) => {
        if (UNSUPPORTED.some((code) => hasErrorCode(error, code))) resolve(undefined);
        else reject(error);
      });
      server.listen(short, () =>
        resolve({
          end: () =>
            new Promise((ended) => {
              server.close(() => ended());
            }),
        }),
      );
    });
  });
}

/** Whether a process listens at `path`. One that is stopped or busy still does. */
export function isPresent(path: string): Promise<boolean> {
  return atShortPath(path, (short) => {
    const socket = connect(short);
    return new Promise<boolean>((resolve, reject) => {
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', (error) => {
        if (hasErrorCode(error, 'ECONNREFUSED') || hasErrorCode(error, 'ENOENT')) resolve(false);
        // EAGAIN: the line of those who want to connect is full, so somebody is there.
        else if (hasErrorCode(error, 'EAGAIN')) resolve(true);
        else reject(error);
      });
    });
  });
}

const UNSUPPORTED = ['ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EINVAL', 'ENAMETOOLONG'];

/** A socket's path has room for some 100 bytes: a long one is written by way of an open folder, where the system can. */
async function atShortPath<T>(path: string, use: (short: string) => Promise<T>): Promise<T> {
  if (!existsSync('/proc/self/fd')) return use(path);
  const folder = await open(dirname(path), 'r');
  try {
    return await use(join('/proc/self/fd', String(folder.fd), basename(path)));
  } finally {
    await folder.close();
  }
}
