/** A process that puts load on a URL for each message it gets, so that the server has its own to itself. */
import autocannon from 'autocannon';
import { type LoadRequest, type LoadResult } from './load.js';

process.on('message', ({ staysAwake, ...request }: LoadRequest) => {
  const sleep = staysAwake ? stayAwake() : undefined;
  // It ends with a sample, and rounds `duration` to hundredths: too coarse for the shortest loads.
  void autocannon({ ...request, sampleInt: Math.min(100, request.duration * 50) }).then((result) => {
    sleep?.();
    const seconds = (result.finish.getTime() - result.start.getTime()) / 1000;
    const answer: LoadResult = {
      requests: result.requests.total,
      failed: result.non2xx + result.errors + result.timeouts + result.resets,
      perSecond: result.requests.total / seconds,
    };
    process.send?.(answer);
  });
});

/** @returns what ends that */
function stayAwake(): () => void {
  let next = setImmediate(function again() {
    next = setImmediate(again);
  });
  return () => clearImmediate(next);
}
