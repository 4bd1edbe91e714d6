import { describeEdges } from './edges.js';

describeEdges('simd');
