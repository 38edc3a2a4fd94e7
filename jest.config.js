const base = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { exclude: [] }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1', '^nestdock$': '<rootDir>/src/sdk/index.ts' },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.nestdock'],
};

export default {
  projects: [
    { ...base, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/modules/**/*.spec.ts'] },
    {
      ...base,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/**/*.e2e-spec.ts'],
    },
  ],
  testTimeout: 30_000,
};
