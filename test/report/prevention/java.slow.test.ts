import { tryMeasures } from './run.js';

tryMeasures('java.slow');
