/**
 * What ships: five entries and their shared parts in place of 250 modules, which Node takes longer to load than a small dump
 * to scan (docs/performance.md, "Start"). Dependencies stay packages. The folder lies two below the package's root, as
 * src/assets.ts expects; src/sweep/hand.ts and src/source/decoding.ts start workers that lie beside them, and src/engine/numbers.ts names a job for one.
 */
export default {
  input: {
    main: 'dist/src/cli/main.js',
    index: 'dist/src/index.js',
    worker: 'dist/src/sweep/worker.js',
    'decode-worker': 'dist/src/source/decode-worker.js',
    'rsa-job': 'dist/src/engine/rsa-job.js',
  },
  platform: 'node',
  logLevel: 'silent',
  external: /^[^./]/,
  output: {
    dir: 'dist/bundle',
    cleanDir: true,
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  },
};
