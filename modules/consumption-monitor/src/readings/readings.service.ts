import { Injectable } from '@nestjs/common';
import { isWithin, type Period, type Reading } from './reading.js';

export interface ReadingFilter extends Period {
  readonly meterId?: string;
}

/** The readings of all meters, in memory: they are gone when the module is reloaded or disabled. */
@Injectable()
export class ReadingsService {
  /** By meter, oldest first. */
  readonly #byMeter = new Map<string, Reading[]>();

  knows(meterId: string): boolean {
    return this.#byMeter.has(meterId);
  }

  /** @returns false where this meter's reading of that moment is there already, as after a retried run */
  add(reading: Reading): boolean {
    const readings = this.#byMeter.get(reading.meterId) ?? [];
    const index = readings.findLastIndex(({ timestamp }) => timestamp <= reading.timestamp);
    if (readings[index]?.timestamp.getTime() === reading.timestamp.getTime()) return false;
    readings.splice(index + 1, 0, reading);
    this.#byMeter.set(reading.meterId, readings);
    return true;
  }

  /** Newest first. */
  find({ meterId, ...period }: ReadingFilter = {}): Reading[] {
    const meters = meterId === undefined ? [...this.#byMeter.keys()] : [meterId];
    return meters
      .flatMap((meter) => this.ofMeter(meter, period))
      .sort((a, b) => b.timestamp.getTime() - a.timestamp.getTime());
  }

  /** Oldest first. */
  ofMeter(meterId: string, period: Period = {}): Reading[] {
    return (this.#byMeter.get(meterId) ?? []).filter(({ timestamp }) => isWithin(period, timestamp));
  }

  /** @returns how many readings were forgotten; a meter without any is forgotten with them */
  removeOlderThan(oldest: Date): number {
    let removed = 0;
    for (const [meterId, readings] of this.#byMeter) {
      const kept = readings.filter(({ timestamp }) => timestamp >= oldest);
      removed += readings.length - kept.length;
      if (kept.length > 0) this.#byMeter.set(meterId, kept);
      else this.#byMeter.delete(meterId);
    }
    return removed;
  }
}
