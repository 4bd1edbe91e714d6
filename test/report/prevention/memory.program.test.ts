import { tryMeasures } from './run.js';

tryMeasures('memory.program');
