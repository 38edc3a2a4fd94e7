/** A process that puts load on a URL for each message it gets, so that the server has its own to itself. */
import autocannon from 'autocannon';
import { type LoadRequest, type LoadResult } from './load-worker.js';

process.on('message', ({ url, connections, duration }: LoadRequest) => {
  void autocannon({ url, connections, duration, sampleInt: 100 }).then((result) => {
    const answer: LoadResult = {
      requests: result.requests.total,
      failed: result.non2xx + result.errors + result.timeouts + result.resets,
      perSecond: result.requests.total / result.duration,
    };
    process.send?.(answer);
  });
});
