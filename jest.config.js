/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/make-temporary-folder.ts',
  transform: { '\\.ts$': '<rootDir>/test/support/transform.cjs' },
  // A second package.json named "agent" must not appear when an e2e test copies the project.
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/dist'],
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  maxWorkers: 2,
};
