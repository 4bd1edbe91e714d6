import { onePerLibrary } from './all-programs.js';
import { describePrograms } from './describe-programs.js';

describePrograms(onePerLibrary);
