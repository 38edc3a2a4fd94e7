import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, LessThan } from 'typeorm';
import { Meter } from '../meters/meter.entity.js';
import { type Period, within } from './period.js';
import { Reading } from './reading.entity.js';

export interface ReadingFilter extends Period {
  readonly meterId?: string;
}

/** The readings of all meters. */
@Injectable()
export class ReadingsService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Keeps readings, all or none of them, and what is known of their meters.
   * @returns how many are new: a reading that is there already, as after a retried run, is left as it is
   */
  async add(readings: readonly Reading[]): Promise<number> {
    if (readings.length === 0) return 0;
    return this.dataSource.transaction(async (transaction) => {
      // Always in the same order, so that two runs at once do not wait for each other.
      for (const { meterId, timestamp } of readings.toSorted((a, b) => (a.meterId < b.meterId ? -1 : 1))) {
        await transaction
          .createQueryBuilder()
          .insert()
          .into(Meter)
          .values({ id: meterId, firstSeenAt: timestamp, lastSeenAt: timestamp })
          .orUpdate(['last_seen_at'], ['id'], {
            overwriteCondition: { where: 'meter.last_seen_at < EXCLUDED.last_seen_at' },
          })
          .execute();
      }
      const inserted = await transaction
        .createQueryBuilder()
        .insert()
        .into(Reading)
        .values([...readings])
        .orIgnore()
        .returning(['meterId'])
        .execute();
      return (inserted.raw as unknown[]).length;
    });
  }

  /** The newest first, up to the limit; and how many there are in all. */
  find({ meterId, from, to }: ReadingFilter = {}, limit = 100): Promise<[Reading[], number]> {
    const timestamp = within(from, to);
    return this.dataSource.manager.findAndCount(Reading, {
      where: { ...(meterId !== undefined && { meterId }), ...(timestamp && { timestamp }) },
      order: { timestamp: 'DESC', meterId: 'ASC' },
      take: limit,
    });
  }

  /** @returns how many readings were forgotten. Their meters and the summaries of their days stay. */
  async removeOlderThan(oldest: Date): Promise<number> {
    const { affected } = await this.dataSource.manager.delete(Reading, { timestamp: LessThan(oldest) });
    return affected ?? 0;
  }
}
