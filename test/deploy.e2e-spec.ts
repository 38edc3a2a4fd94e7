import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, loadAll } from 'js-yaml';
import { readConfig } from '../src/config/index.js';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, 'deploy', path), 'utf8');

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}
interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly replicas?: number;
    readonly minAvailable?: number;
    readonly selector: { readonly app?: string; readonly matchLabels?: { readonly app: string } };
    readonly template?: {
      readonly metadata: { readonly labels: { readonly app: string } };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly {
          readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
          readonly env: readonly { readonly name: string; readonly value?: string }[];
          readonly readinessProbe: Probe;
          readonly livenessProbe: Probe;
          readonly lifecycle: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
          readonly volumeMounts: readonly { readonly name: string }[];
        }[];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
  };
}
interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        environment?: Record<string, string>;
        volumes?: string[];
        build?: { dockerfile: string };
        stop_grace_period?: string;
      }
    >
  >;
}

/** Values as the platform would fill them in. */
const filled = (value = '') =>
  value.startsWith('postgres:')
    ? 'postgres://nestdock:secret@database:5432/nestdock'
    : value.replace(/^\$\{.*/, 'x'.repeat(32)) || 'x'.repeat(32);
const drainSeconds = readConfig({}).drainTimeoutMs / 1000;

describe('what is deployed', () => {
  it('starts two hosts behind a proxy by Compose, with variables that the host takes', () => {
    const { services } = load(read('compose.yaml')) as Compose;
    expect(Object.keys(services).sort()).toEqual(['database', 'host-a', 'host-b', 'proxy']);
    for (const name of ['host-a', 'host-b']) {
      const { environment = {}, build, stop_grace_period = '' } = services[name] ?? {};
      expect(existsSync(join(ROOT, build?.dockerfile ?? 'missing'))).toBe(true);
      expect(Number.parseInt(stop_grace_period, 10)).toBeGreaterThan(drainSeconds + 5);
      const env = Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, filled(value)]));
      expect(readConfig(env)).toMatchObject({ databaseUrl: env['DATABASE_URL'] });
      expect(read('nginx.conf')).toContain(`server ${name}:4000`);
    }
    const [mounted = ''] = services['proxy']?.volumes ?? [];
    expect(existsSync(join(ROOT, 'deploy', mounted.split(':')[0] ?? ''))).toBe(true);
  });

  it('runs on Kubernetes with probes that the host answers, and time to drain', () => {
    const all = loadAll(read('kubernetes/nestdock.yaml')) as Workload[];
    const of = (kind: string) => all.find((one) => one.kind === kind) as Workload;
    const { template, replicas = 0 } = of('Deployment').spec;
    const [container] = template?.spec.containers ?? [];
    const [port] = container?.ports ?? [];
    expect(template?.metadata.labels.app).toBe(of('Service').spec.selector.app);
    expect(template?.metadata.labels.app).toBe(of('PodDisruptionBudget').spec.selector.matchLabels?.app);
    expect(of('PodDisruptionBudget').spec.minAvailable).toBeLessThan(replicas);
    expect([container?.livenessProbe.httpGet, container?.readinessProbe.httpGet]).toEqual([
      { path: '/health/live', port: port?.name },
      { path: '/health/ready', port: port?.name },
    ]);
    const pause = Number(container?.lifecycle.preStop.exec.command[1]);
    expect(template?.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(pause + drainSeconds + 5);
    const volumes = template?.spec.volumes.map(({ name }) => name);
    for (const { name } of container?.volumeMounts ?? []) expect(volumes).toContain(name);
    const env = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value ?? 'x'.repeat(32)]));
    const config = readConfig({ ...env, DATABASE_URL: 'postgres://nestdock@database/nestdock' });
    expect(config).toMatchObject({ port: port?.containerPort, host: '0.0.0.0' });
  });

  it('copies into the image what is there', () => {
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, files = '']) =>
      files.split(' '),
    );
    expect(copied).not.toEqual([]);
    for (const file of copied) expect([file, existsSync(join(ROOT, file))]).toEqual([file, true]);
    expect(readdirSync(join(ROOT, 'deploy'))).toContain('Dockerfile.dockerignore');
  });
});
