import { servers } from './bare/programs/servers.js';
import { describeInCrowd } from './crowd.js';

describeInCrowd(servers.find(({ name }) => name === 'openssl s_server')!);
