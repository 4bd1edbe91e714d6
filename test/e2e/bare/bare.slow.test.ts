import { others } from './all-programs.js';
import { describePrograms } from './describe-programs.js';

describePrograms(others);
