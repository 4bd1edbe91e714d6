import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { program } from '../../../support/programs.js';
import { writePrivate } from '../../../support/secrets.js';
import { nginxConfig } from '../../targets.js';
import { children, freePort, handshakes, launch, type Program } from '../program.js';

/** TLS servers. */

const BOTH = ['rsa', 'p256'] as const;

const sServer: Program = {
  name: 'openssl s_server',
  needs: ['openssl'],
  keys: BOTH,
  files: ['certificate'],
  async start(folder) {
    const port = await freePort();
    const first = ['-key', 'keys/rsa.pem', '-cert', 'keys/rsa.crt'];
    const second = ['-dkey', 'keys/p256.pem', '-dcert', 'keys/p256.crt'];
    const args = ['s_server', '-accept', `127.0.0.1:${port}`, ...first, ...second];
    const target = await launch(folder, program('openssl'), args, 'ACCEPT');
    await handshakes(BOTH, '-connect', `127.0.0.1:${port}`);
    return [{ pid: target.pid }];
  },
};

const nginx: Program = {
  name: 'nginx',
  needs: ['nginx', 'openssl'],
  keys: BOTH,
  files: ['certificate'],
  async start(folder) {
    const pairs = BOTH.map((name) => ({
      key: join(folder, `keys/${name}.pem`),
      certificate: join(folder, `keys/${name}.crt`),
    }));
    const args = ['-p', folder, '-c', nginxConfig(folder, pairs), '-e', 'stderr'];
    const target = await launch(folder, program('nginx'), args, 'start worker process ');
    await handshakes(BOTH, '-unix', join(folder, 'nginx.sock'));
    const [worker] = children(target.pid);
    return [
      { role: 'master', pid: target.pid },
      { role: 'worker', pid: worker! },
    ];
  },
};

const haproxy: Program = {
  name: 'HAProxy',
  needs: ['haproxy', 'openssl'],
  keys: BOTH,
  files: ['certificate', 'bundle'],
  async start(folder) {
    const socket = join(folder, 'haproxy.sock');
    const path = writePrivate(
      folder,
      'haproxy.cfg',
      `global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend tls
  bind unix@${socket} ssl ${BOTH.map((name) => `crt ${folder}/keys/${name}.bundle`).join(' ')}
  http-request return status 200
`,
    );
    const target = await launch(folder, program('haproxy'), ['-db', '-f', path]);
    await handshakes(BOTH, '-unix', socket);
    return [{ pid: target.pid }];
  },
};

const stunnel: Program = {
  name: 'stunnel',
  needs: ['stunnel4', 'openssl'],
  keys: BOTH,
  files: ['certificate'],
  async start(folder) {
    const services = await Promise.all(BOTH.map(async (name) => ({ name, port: await freePort() })));
    const path = writePrivate(
      folder,
      'stunnel.conf',
      [
        `foreground = yes\nsyslog = no\npid = ${folder}/stunnel.pid`,
        ...services.map(
          ({ name, port }) =>
            `[${name}]\naccept = 127.0.0.1:${port}\ncert = ${folder}/keys/${name}.crt\n` +
            `key = ${folder}/keys/${name}.pem\nexec = /bin/true`,
        ),
      ].join('\n'),
    );
    const target = await launch(folder, program('stunnel4'), [path]);
    for (const { name, port } of services) await handshakes([name], '-connect', `127.0.0.1:${port}`);
    return [{ pid: target.pid }];
  },
};

const CADDY = ['rsa', 'p256', 'p384', 'ed25519'] as const;

/** Go's crypto/tls. */
const caddy: Program = {
  name: 'Caddy (Go)',
  needs: ['caddy', 'openssl'],
  keys: CADDY,
  files: ['certificate'],
  async start(folder) {
    const port = await freePort();
    const sites = CADDY.map(
      (name) => `https://${name}.example:${port} {
  bind 127.0.0.1
  tls keys/${name}.crt keys/${name}.pem
  respond ok
}`,
    );
    const path = writePrivate(
      folder,
      'Caddyfile',
      `{\n  admin off\n  auto_https off\n}\n${sites.join('\n')}\n`,
    );
    const args = ['run', '--config', path, '--adapter', 'caddyfile'];
    const target = await launch(folder, program('caddy'), args, 'serving initial configuration');
    await handshakes(CADDY, '-connect', `127.0.0.1:${port}`);
    return [{ pid: target.pid }];
  },
};

const GNUTLS = ['rsa', 'p256', 'ed25519'] as const;

const gnutls: Program = {
  name: 'GnuTLS (gnutls-serv)',
  needs: ['gnutls-serv', 'openssl'],
  keys: GNUTLS,
  files: ['certificate'],
  async start(folder) {
    const port = await freePort();
    const pairs = GNUTLS.flatMap((name) => [
      ...['--x509keyfile', `keys/${name}.pem`],
      ...['--x509certfile', `keys/${name}.crt`],
    ]);
    const args = ['--http', '--disable-client-cert', '-p', String(port), ...pairs];
    const target = await launch(folder, program('gnutls-serv'), args);
    await handshakes(GNUTLS, '-connect', `127.0.0.1:${port}`);
    return [{ pid: target.pid }];
  },
};

const nss: Program = {
  name: 'NSS (selfserv)',
  needs: ['selfserv', 'openssl'],
  keys: BOTH,
  files: ['certificate'],
  async start(folder) {
    // The database with the keys is in the removed folder.
    const database = `sql:${folder}/keys`;
    const quiet = { cwd: folder, stdio: 'ignore' as const };
    execFileSync(program('certutil'), ['-N', '-d', database, '--empty-password'], quiet);
    for (const name of BOTH) {
      const store = `keys/${name}.p12`;
      const pair = ['-inkey', `keys/${name}.pem`, '-in', `keys/${name}.crt`];
      const out = ['-name', name, '-passout', 'pass:p', '-out', store];
      execFileSync(program('openssl'), ['pkcs12', '-export', ...pair, ...out], quiet);
      execFileSync(program('pk12util'), ['-i', store, '-d', database, '-W', 'p', '-K', ''], quiet);
    }
    const port = await freePort();
    const args = ['-d', database, '-p', String(port), '-n', 'rsa', '-e', 'p256', '-V', 'tls1.2:tls1.3'];
    const target = await launch(folder, program('selfserv'), args);
    await handshakes(BOTH, '-connect', `127.0.0.1:${port}`);
    return [{ pid: target.pid }];
  },
};

export const servers: readonly Program[] = [sServer, nginx, haproxy, stunnel, caddy, gnutls, nss];
