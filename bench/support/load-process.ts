/** A process that puts load on a URL for each message it gets, so that the server has its own to itself. */
import autocannon from 'autocannon';
import { type LoadRequest, type LoadResult } from './load.js';

process.on('message', (request: LoadRequest) => {
  void autocannon({ ...request, sampleInt: 100 }).then((result) => {
    const answer: LoadResult = {
      requests: result.requests.total,
      failed: result.non2xx + result.errors + result.timeouts + result.resets,
      perSecond: result.requests.total / result.duration,
    };
    process.send?.(answer);
  });
});
