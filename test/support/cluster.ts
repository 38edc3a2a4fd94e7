import { type HostView } from '../../src/cluster/index.js';
import { makePostgresDatabase, type TestPlace } from './database.js';
import { HostProcess } from './host-process.js';

/** Several hosts on one PostgreSQL, each a process. */
export class Cluster {
  private constructor(
    private readonly place: TestPlace & { readonly url: string },
    readonly hosts: HostProcess[],
  ) {}

  /**
   * @param count hosts; all but the first find the first one's modules where they share them
   * @param shareModules whether all have one `MODULES_DIR`
   */
  static async start(
    count: number,
    { shareModules = true, env = {} }: { shareModules?: boolean; env?: Readonly<Record<string, string>> } = {},
  ): Promise<Cluster> {
    const place = await makePostgresDatabase();
    const cluster = new Cluster(place, []);
    try {
      for (let i = 0; i < count; i++) await cluster.add(shareModules, env);
      return cluster;
    } catch (error) {
      await cluster.dispose();
      throw error;
    }
  }

  get url(): string {
    return this.place.url;
  }

  /** Starts one more. */
  async add(shareModules = true, env: Readonly<Record<string, string>> = {}): Promise<HostProcess> {
    const [first] = this.hosts;
    const folder: Record<string, string> = shareModules && first ? { MODULES_DIR: first.modulesDir } : {};
    const host = await HostProcess.start({ env: { ...this.place.env, ...folder, ...env } });
    this.hosts.push(host);
    return host;
  }

  host(index: number): HostProcess {
    const host = this.hosts[index];
    if (!host) throw new Error(`there is no host ${index}`);
    return host;
  }

  /** All hosts, as one of them sees them. */
  async seenBy(index: number): Promise<readonly HostView[]> {
    return (await this.host(index).admin<{ hosts: readonly HostView[] }>('GET', '/cluster')).body.hosts;
  }

  async dispose(): Promise<void> {
    await Promise.all(this.hosts.splice(0).map((host) => host.dispose()));
    await this.place.remove();
  }
}
