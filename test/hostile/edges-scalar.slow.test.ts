import { describeEdges } from './edges.js';

describeEdges('scalar');
