import { tryMeasures } from './run.js';

tryMeasures('memory.heavy');
