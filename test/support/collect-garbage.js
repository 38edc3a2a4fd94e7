/** Preloaded into a host: collects all garbage again and again. */
import { setInterval } from 'node:timers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

setInterval(collectGarbage, 100).unref();
