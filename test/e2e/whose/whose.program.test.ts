import { servers } from '../bare/programs/servers.js';
import { describeNamed } from './named.js';
import { python } from './programs.js';

describeNamed([...servers.filter(({ name }) => ['openssl s_server', 'nginx'].includes(name)), python]);
