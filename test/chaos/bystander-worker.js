import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

/*
 * Asks the bystander steadily, as its users do, and keeps book of what they meet. In a thread of its own, as whoever meets
 * the faults may be busy with them himself.
 */
const { url, everyMs, mostWaiting, timeoutMs } = workerData;
const agent = new Agent({ keepAlive: true, maxSockets: mostWaiting });
const open = new Set();
let latencies = [];
let failed = 0;
let running = true;

parentPort.on('message', async (message) => {
  if (message === 'stop') running = false;
  await Promise.all(open);
  if (message === 'take') {
    parentPort.postMessage({ latencies, failed });
    [latencies, failed] = [[], 0];
  } else {
    agent.destroy();
    parentPort.close();
  }
});

while (running) {
  if (open.size < mostWaiting) {
    const asked = ask();
    open.add(asked);
    void asked.finally(() => open.delete(asked));
  }
  await sleep(everyMs);
}

async function ask() {
  const begin = performance.now();
  const isCalm = await new Promise((resolve) => {
    const asked = request(url, { agent, signal: globalThis.AbortSignal.timeout(timeoutMs) }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk) => (body += chunk));
      response.on('end', () => resolve(response.statusCode === 200 && body === '{"calm":true}'));
      response.on('error', () => resolve(false));
    });
    asked.on('error', () => resolve(false));
    asked.end();
  });
  if (isCalm) latencies.push(performance.now() - begin);
  else failed++;
}
