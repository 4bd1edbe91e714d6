import { tryMeasures } from './run.js';

tryMeasures('runtimes.slow');
