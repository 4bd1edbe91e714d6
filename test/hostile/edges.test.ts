import { describeEdges } from './edges.js';

/** A sample for each run; edges-*.slow.test.ts try all places with all kernels. */
describeEdges(undefined, 47);
