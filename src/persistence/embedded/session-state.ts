import { BACKEND, cStrings, FRONTEND, type Frame } from './frames.js';

const LISTENING = /(?:^|;)\s*(UN)?LISTEN\s+(\*|"(?:[^"]|"")+"|\w+)/gi;

/** What one connection has set in its session, and must find again at its next turn. */
export class SessionState {
  /** undefined: the server's default. */
  searchPath: string | undefined;
  readonly channels = new Set<string>();

  /** Takes note of what the client asks to hear. */
  noteSent({ type, body }: Frame): void {
    if (type !== FRONTEND.query && type !== FRONTEND.parse) return;
    const [first = '', second = ''] = cStrings(body);
    const sql = type === FRONTEND.query ? first : second;
    for (const [, un, name = ''] of sql.matchAll(LISTENING)) {
      if (un === undefined) this.channels.add(channelName(name));
      else if (name === '*') this.channels.clear();
      else this.channels.delete(channelName(name));
    }
  }

  /** @returns whether the server has stopped to listen to something that other connections may want to hear. */
  noteAnswered({ type, body }: Frame): boolean {
    if (type === BACKEND.parameterStatus) {
      const [name, value] = cStrings(body);
      if (name === 'search_path') this.searchPath = value;
    }
    if (type !== BACKEND.commandComplete) return false;
    const [tag] = cStrings(body);
    if (tag === 'DISCARD ALL') this.channels.clear();
    return tag === 'DISCARD ALL' || tag === 'UNLISTEN';
  }
}

/** The channel of a NotificationResponse: process id, channel, payload. */
export const notifiedChannel = ({ body }: Frame): string => cStrings(body, 4)[0] ?? '';

const channelName = (name: string): string =>
  name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();
