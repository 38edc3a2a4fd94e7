import { once } from 'node:events';
import { Agent, createServer, request, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';

/** The plainest load balancer: each request goes to the next host. It tries nothing again, and knows nothing of health. */
export class RoundRobinProxy {
  readonly #agent = new Agent({ keepAlive: true });
  #next = 0;

  private constructor(
    private readonly server: Server,
    private readonly targets: () => readonly string[],
  ) {}

  /** @param targets URLs of the hosts by now */
  static async start(targets: () => readonly string[]): Promise<RoundRobinProxy> {
    const server = createServer();
    const proxy = new RoundRobinProxy(server, targets);
    proxy.#serve();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  #serve(): void {
    this.server.on('request', (incoming, answer) => {
      const targets = this.targets();
      const target = new URL(incoming.url ?? '/', targets[this.#next++ % targets.length]);
      const { method, headers } = incoming;
      const outgoing = request(target, { agent: this.#agent, method, headers }, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      });
      outgoing.on('error', (error) => {
        if (answer.headersSent) answer.destroy();
        else answer.writeHead(502).end(JSON.stringify({ proxy: error.message }));
      });
      incoming.pipe(outgoing);
    });
  }
}
