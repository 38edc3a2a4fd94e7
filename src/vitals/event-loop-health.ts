import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Starvation } from './starvation.js';

const EVERY_MS = 1_000;
const RESOLUTION_MS = 20;
const NANOSECONDS = 1e6;

/** How the event loop does, in the second that has passed last. */
export interface EventLoopReport {
  /** Milliseconds that it was late, and the most. */
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Share of the time that it was at work, 0 to 1. */
  readonly utilization: number;
  readonly isStarved: boolean;
}

/** Measures the event loop, second by second. */
@Injectable()
export class EventLoopHealth implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #starvation = new Starvation();
  #histogram: IntervalHistogram | undefined;
  #timer: NodeJS.Timeout | undefined;
  #before = performance.eventLoopUtilization();
  #report: Omit<EventLoopReport, 'isStarved'> = { delayMs: { p50: 0, p99: 0, max: 0 }, utilization: 0 };

  get isStarved(): boolean {
    return this.#starvation.isStarved;
  }

  report(): EventLoopReport {
    return { ...this.#report, isStarved: this.isStarved };
  }

  onApplicationBootstrap(): void {
    this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#histogram.enable();
    this.#timer = setInterval(() => this.#sample(), EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
    this.#histogram?.disable();
  }

  #sample(): void {
    const histogram = this.#histogram;
    if (!histogram) return;
    // What is measured is the time between two looks: late is what is beyond it.
    const late = (nanoseconds: number) => Math.max(0, Math.round(nanoseconds / NANOSECONDS) - RESOLUTION_MS);
    const delayMs = {
      p50: late(histogram.percentile(50)),
      p99: late(histogram.percentile(99)),
      max: late(histogram.max),
    };
    histogram.reset();
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#before);
    this.#before = now;
    this.#report = { delayMs, utilization: Number(utilization.toFixed(3)) };
    this.#starvation.sample(delayMs.max);
  }
}
