import { daily } from './all-programs.js';
import { describePrograms } from './describe-programs.js';

describePrograms(daily);
