import { runtimes } from './bare/programs/runtimes.js';
import { describeInCrowd } from './crowd.js';

describeInCrowd(runtimes.find(({ name }) => name === 'Python cryptography')!);
