import { tryMeasures } from './run.js';

tryMeasures('libraries.program');
