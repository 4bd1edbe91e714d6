// Tests run on what tsc wrote: no transform stands between the code that ships and the code that is tested.
export default {
  rootDir: 'dist',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.js'],
  transform: {},
  testTimeout: 60_000,
  haste: { enableSymlinks: false },
};
