import { runtimes } from '../bare/programs/runtimes.js';
import { describeNamed } from './named.js';
import { node } from './programs.js';

describeNamed([node, ...runtimes.filter(({ name }) => name === 'Java')]);
