interface Shape {
  readonly name: string;
  readonly title: string;
  /** Of a handler. What is not on V8's heap gives others a turn of the event loop now and then. */
  readonly body: string;
}

const PAUSE = 'await new Promise((resolve) => setImmediate(resolve));';

/** Ways in which memory runs out: by what is kept, and where it lies. */
export const OUT_OF_MEMORY: readonly Shape[] = [
  {
    name: 'array',
    title: 'an array of objects',
    body: `const kept = []; for (;;) kept.push({ at: kept.length, text: 'x' + kept.length });`,
  },
  {
    name: 'buffers',
    title: 'buffers in a list',
    body: `const kept = []; for (;;) { kept.push(Buffer.alloc(8e6, 1)); ${PAUSE} }`,
  },
  {
    name: 'buffers-at-once',
    title: 'buffers in a list, in one go',
    body: `const kept = []; for (;;) kept.push(Buffer.alloc(8e6, 1));`,
  },
  {
    name: 'array-buffer',
    title: 'one huge ArrayBuffer after another',
    body: `const kept = []; for (;;) { const bytes = new Uint8Array(2 ** 28); bytes.fill(1); kept.push(bytes); ${PAUSE} }`,
  },
  {
    name: 'filled-array',
    title: 'huge filled arrays',
    body: `const kept = []; for (;;) kept.push(new Array(1e7).fill(kept.length));`,
  },
  {
    name: 'map',
    title: 'a Map',
    body: `const kept = new Map(); for (let i = 0; ; i++) { kept.set(i, { i }); if (i % 1e6 === 0) ${PAUSE} }`,
  },
  {
    name: 'maps',
    title: 'many Maps',
    body: `const kept = []; for (;;) kept.push(new Map([[kept.length, {}], ['x', []]]));`,
  },
  {
    name: 'strings',
    title: 'strings',
    body: `const kept = []; for (;;) kept.push(String(Math.random()).repeat(1000).split('').join('-'));`,
  },
  {
    name: 'concatenation',
    title: 'one string that grows',
    body: `const kept = []; let text = 'x'; for (;;) { text += text.slice(0, 1e6) + kept.length; kept.push(text.toUpperCase()); }`,
  },
  {
    name: 'closures',
    title: 'closures',
    body: `const kept = []; for (;;) { const own = new Array(100).fill(kept.length); kept.push(() => own); }`,
  },
  {
    name: 'promises',
    title: 'promises that never settle',
    body: `const kept = []; for (;;) kept.push(new Promise(() => undefined).then(() => kept.length));`,
  },
  { name: 'timers', title: 'timers without end', body: `for (;;) setTimeout(() => undefined, 1e6);` },
  {
    name: 'generators',
    title: 'generators',
    body: `const kept = []; for (;;) { const it = (function* (own) { yield own; })(new Array(50).fill(1)); it.next(); kept.push(it); }`,
  },
  {
    name: 'properties',
    title: 'an object with ever more properties',
    body: `const kept = []; for (;;) { const own = {}; for (let i = 0; i < 1e4; i++) own['p' + kept.length + '-' + i] = i; kept.push(own); }`,
  },
  {
    name: 'json',
    title: 'JSON of what is huge',
    body: `const kept = []; for (;;) kept.push(JSON.parse(JSON.stringify(new Array(1e5).fill({ a: [1, 2, 3], b: 'text' }))));`,
  },
  {
    name: 'matches',
    title: 'matches of a regular expression',
    body: `const kept = []; const text = 'ab'.repeat(1e5); for (;;) kept.push([...text.matchAll(/(a)(b)/g)]);`,
  },
  {
    name: 'streams',
    title: 'a stream that nobody reads',
    body: `const { PassThrough } = await import('node:stream'); const stream = new PassThrough(); for (;;) { stream.write(Buffer.alloc(1e6, 1)); ${PAUSE} }`,
  },
  {
    name: 'shared',
    title: 'shared memory',
    body: `const kept = []; for (;;) { const bytes = new Uint8Array(new SharedArrayBuffer(5e7)); bytes.fill(1); kept.push(bytes); ${PAUSE} }`,
  },
];
