import { tryMeasures } from './run.js';

tryMeasures('node.slow');
