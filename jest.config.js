import { readFileSync } from 'node:fs';

// The build leaves specs out; jest compiles them with the rest of the build's options.
const { exclude: _specs, $schema: _schema, ...swc } = JSON.parse(readFileSync(`${import.meta.dirname}/.swcrc`, 'utf8'));

const base = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1', '^nestdock$': '<rootDir>/src/sdk/index.ts' },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.bench', '<rootDir>/.nestdock'],
};

export default {
  projects: [
    { ...base, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/modules/**/*.spec.ts'] },
    {
      ...base,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/**/*.e2e-spec.ts'],
      globalSetup: '<rootDir>/test/support/compile-host.js',
    },
  ],
  // Specs wait on databases and sockets as much as they compute: one worker a core, none kept back.
  maxWorkers: '100%',
  testSequencer: '<rootDir>/test/support/longest-first-sequencer.js',
  testTimeout: 60_000,
};
