/** Runs the chaos suite whole, and writes what it has found into docs/isolation.md. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { ROOT } from './build.js';

const PAGE = join(ROOT, 'docs/isolation.md');
const BEGIN = '<!-- table -->';
const END = '<!-- end of table -->';

const out = mkdtempSync(join(tmpdir(), 'nestdock-chaos-'));
const jest = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
// One after the other: the bystander's figures are to be those of one host.
const run = spawnSync(
  process.execPath,
  [...jest, '--selectProjects', 'e2e', '--testPathPatterns', 'test/chaos/', '--runInBand'],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, CHAOS: 'full', CHAOS_OUT: out },
  },
);
if (run.status === 0) write(outcomesOf('process'), outcomesOf('inline'));
rmSync(out, { recursive: true, force: true });
process.exit(run.status ?? 1);

function outcomesOf(isolation) {
  return JSON.parse(readFileSync(join(out, `${isolation}.json`), 'utf8'));
}

function write(isolated, inline) {
  const page = readFileSync(PAGE, 'utf8');
  const head = page.slice(0, page.indexOf(BEGIN) + BEGIN.length);
  const tail = page.slice(page.indexOf(END));
  writeFileSync(PAGE, `${head}\n\n${table(isolated, inline)}\n\n${tail}`);
  spawnSync(process.execPath, ['node_modules/prettier/bin/prettier.cjs', '--write', PAGE], {
    cwd: ROOT,
    stdio: 'inherit',
  });
}

function table(isolated, inline) {
  const inlineRows = new Map(inline.rows.map((row) => [row.fault, row]));
  const rows = isolated.rows.map((row) => {
    const other = inlineRows.get(row.fault);
    return `| ${[row.title, answer(row), after(row), failed(row), ratio(row, isolated), inHost(other), failed(other)].join(' | ')} |`;
  });
  const quiet = ({ quiet: { p50Ms, p99Ms } }) => `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
  return [
    `With nothing wrong, the bystander's users waited: ${quiet(isolated)}.`,
    '',
    '| a module that … | answers | and then | bystander: failed | its p99, to quiet | inline | bystander: failed |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function answer({ answer: got, answerMs }) {
  return got === '200' ? '200' : `${got} after ${answerMs} ms`;
}

function after({ after: then }) {
  return then;
}

function failed({ bystander: { failed: count, requests } }) {
  return `${count} of ${requests}`;
}

function ratio({ bystander: { p99Ms } }, { quiet }) {
  return (p99Ms / quiet.p99Ms).toFixed(1);
}

function inHost(row) {
  return row.hostDied ? '**ends or blocks the host**: isolate it' : `${row.answer}; the host lives`;
}
