// Tests run on the output of tsc: no transform, so that the code that ships is the code that is tested.
export default {
  rootDir: 'dist',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.js'],
  transform: {},
  testEnvironment: '<rootDir>/../jest.environment.js',
  testRunner: '<rootDir>/../jest.runner.js',
  testSequencer: '<rootDir>/../jest.sequencer.js',
  // A guard against what never ends, not a measure: slow machines must pass.
  testTimeout: 1_800_000,
  // Tests start programs of their own beside the two workers.
  maxWorkers: 2,
  // Modules stay (jest.runner.js), and each collection marks what they hold: a new worker costs less then.
  workerIdleMemoryLimit: '500MB',
  haste: { enableSymlinks: false },
};
