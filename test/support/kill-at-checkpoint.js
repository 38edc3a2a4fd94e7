/**
 * Preloaded into a host: writes down the checkpoints that operations on some modules pass, and ends the process with
 * SIGKILL at one of them. The file `plan`, in the folder that CHECKPOINTS names, says at which: `{ number, modules }`,
 * counted from 1.
 */
import process from 'node:process';
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env['CHECKPOINTS'];

subscribe('nestdock:checkpoint', ({ step, module }) => {
  const { number, modules } = JSON.parse(readFileSync(join(folder, 'plan'), 'utf8'));
  if (!modules.includes(module)) return;
  const passed = join(folder, 'passed');
  appendFileSync(passed, `${module} ${step}\n`);
  if (readFileSync(passed, 'utf8').trimEnd().split('\n').length === number) process.kill(process.pid, 'SIGKILL');
});
