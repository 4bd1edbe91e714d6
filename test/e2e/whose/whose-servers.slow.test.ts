import { servers } from '../bare/programs/servers.js';
import { describeNamed } from './named.js';

const MORE = ['HAProxy', 'stunnel', 'Caddy (Go)', 'GnuTLS (gnutls-serv)'];

describeNamed(servers.filter(({ name }) => MORE.includes(name)));
