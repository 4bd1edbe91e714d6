import { runtimes } from '../bare/programs/runtimes.js';
import { servers } from '../bare/programs/servers.js';
import { describeNamed } from './named.js';
import { node } from './programs.js';

const MORE = ['HAProxy', 'stunnel', 'Caddy (Go)', 'GnuTLS (gnutls-serv)', 'Java'];

describeNamed([node, ...[...servers, ...runtimes].filter(({ name }) => MORE.includes(name))]);
