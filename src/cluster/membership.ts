import { randomBytes } from 'node:crypto';
import { hostId } from '../common/host-id.js';
import { HOST_VERSION } from '../common/host-version.js';
import { type HostConfig } from '../config/index.js';
import { type HostDatabase } from '../persistence/index.js';

/** Signs of life within the time after which a host counts as gone. */
const BEATS_PER_TTL = 5;
/** After so many times that time its row goes, by whichever host comes to it. */
const EXPIRED_AFTER_TTLS = 12;
/** For a host alone: nobody waits for its signs of life (ms). */
const TTL_ALONE_MS = 24 * 60 * 60 * 1_000;

/** Whether a row `h` of `nestdock.host` has given a sign of life lately; by the database's clock alone. */
export const IS_LIVE = `h.seen_at > clock_timestamp() - h.ttl_ms * interval '1 millisecond'`;

/** This host's row among those of the cluster, kept fresh. */
export class Membership {
  /** Of this start: another one under the same name and pid, as in a container, is another host. */
  readonly id = `${hostId()}-${randomBytes(3).toString('hex')}`;
  /** When the last sign of life was sent that the database has taken, by `performance.now()`; none as yet: then never. */
  #lastSignAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #address = '';
  #beating: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Pick<HostDatabase, 'pool' | 'kind'>,
    private readonly config: Pick<HostConfig, 'hostTtlMs'>,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** A host alone owes nobody any. */
  get lastSignAt(): number {
    return this.database.kind === 'embedded' ? performance.now() : this.#lastSignAt;
  }

  /**
   * @param address where the host is reached
   * @param onNew called where its row was gone, as after too long an absence: nothing is known of it any more
   */
  async join(address: string, onNew: () => void): Promise<void> {
    this.#address = address;
    const isAlone = this.database.kind === 'embedded';
    if (isAlone) await this.database.pool.query('DELETE FROM nestdock.host');
    const ttlMs = isAlone ? TTL_ALONE_MS : this.config.hostTtlMs;
    await this.#beat(ttlMs);
    const beat = () => {
      this.#beating = this.#beat(ttlMs).then((isNew) => void (isNew && onNew()), this.onError);
    };
    this.#timer = setInterval(beat, Math.ceil(ttlMs / BEATS_PER_TTL)).unref();
  }

  /** Nobody waits for this host from now on; where the database is away, once its last sign of life is old enough. */
  async leave(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
    await this.database.pool
      .query('DELETE FROM nestdock.host WHERE id = $1', [this.id])
      .then(() => undefined, this.onError);
  }

  /** Ids of the other hosts that live. */
  async others(): Promise<string[]> {
    const sql = `SELECT h.id FROM nestdock.host AS h WHERE h.id <> $1 AND ${IS_LIVE}`;
    const { rows } = await this.database.pool.query<{ id: string }>(sql, [this.id]);
    return rows.map(({ id }) => id);
  }

  /** @returns whether there was no row of this host */
  async #beat(ttlMs: number): Promise<boolean> {
    const sentAt = performance.now();
    const { rows } = await this.database.pool.query<{ new: boolean }>(
      `INSERT INTO nestdock.host (id, version, address, ttl_ms) VALUES ($1, $2, $3, $4)
       ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp() RETURNING xmax = 0 AS new`,
      [this.id, HOST_VERSION, this.#address, ttlMs],
    );
    this.#lastSignAt = Math.max(this.#lastSignAt, sentAt);
    await this.database.pool.query(
      `DELETE FROM nestdock.host AS h WHERE h.seen_at < clock_timestamp() - h.ttl_ms * $1 * interval '1 millisecond'`,
      [EXPIRED_AFTER_TTLS],
    );
    return rows[0]?.new === true;
  }
}
