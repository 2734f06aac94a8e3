import { availableParallelism } from 'node:os';

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/prepare-run.ts',
  transform: { '\\.ts$': '<rootDir>/test/support/transform.cjs' },
  // A second package.json named "agent" must not appear when an e2e test copies the project.
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/dist'],
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  // What drives a program waits for it most of the time.
  maxWorkers: availableParallelism() + 1,
  // A busy machine is slow, and nothing is faster for failing there; what never ends fails all the same.
  testTimeout: 30_000,
};
