import { describeEdges } from './edges.js';

describeEdges('relaxed');
