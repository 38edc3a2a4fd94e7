/**
 * Preloaded into a host: writes down the checkpoints that operations on some modules pass, and ends the process with
 * SIGKILL at one of them, or with the `signal` given. The file `plan`, in the folder that CHECKPOINTS names, says at which:
 * `{ number, modules, steps, signal }`, counted from 1 among the steps that the pattern `steps` fits.
 */
import process from 'node:process';
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// As it is before the host guards the process: it refuses such calls on behalf of modules.
const kill = process.kill.bind(process);
const folder = process.env['CHECKPOINTS'];

subscribe('nestdock:checkpoint', ({ step, module }) => {
  const { number, modules, steps, signal = 'SIGKILL' } = JSON.parse(readFileSync(join(folder, 'plan'), 'utf8'));
  if (!modules.includes(module) || !new RegExp(steps).test(step)) return;
  const passed = join(folder, 'passed');
  appendFileSync(passed, `${module} ${step}\n`);
  if (readFileSync(passed, 'utf8').trimEnd().split('\n').length === number) kill(process.pid, signal);
});
