import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { gcore, startTarget, type Target } from '../support/processes.js';
import { program, type RequirementName } from '../support/programs.js';
import { type Form, freshKeys, type KeyName, writeKeys } from './bare/keys.js';
import { children, eventually, freePort } from './bare/program.js';
import { clientArguments, dropbearArguments, silentPassword } from './bare/ssh.js';
import { nginxConfig } from './targets.js';

/**
 * Servers that have signed for a connection that is still open, and whose key files are gone: the key's proof
 * names the signature.
 */
interface Server {
  needs: readonly RequirementName[];
  key: KeyName;
  form: Form;
  /** What the proof says about it. */
  statement: RegExp;
  /** Starts server and client with `launch` and returns the process that signed. */
  start(folder: string, launch: Launch): Promise<number>;
}

type Launch = (
  name: RequirementName | 'ssh',
  args: readonly string[],
  ready?: string,
  env?: Record<string, string>,
) => Promise<Target>;

/** A TLS 1.2 client that stays connected. */
const connect = (launch: Launch, ...where: string[]): Promise<Target> =>
  eventually(() => launch('openssl', ['s_client', ...where, '-tls1_2'], 'Verify return code'), 50);

const overRandoms = (algorithm: string): RegExp =>
  new RegExp(`^made the TLS signature at 0x[0-9a-f]+ \\(${algorithm}, over the randoms at 0x[0-9a-f]+\\)$`);
const overHash = (algorithm: string): RegExp =>
  new RegExp(
    `^made the SSH signature at 0x[0-9a-f]+ \\(${algorithm}, over the exchange hash at 0x[0-9a-f]+\\)$`,
  );

function sServer(key: KeyName, algorithm: string): Server {
  return {
    needs: ['openssl'],
    key,
    form: 'certificate',
    statement: overRandoms(algorithm),
    async start(_, launch) {
      const where = `127.0.0.1:${await freePort()}`;
      const pair = ['-key', `keys/${key}.pem`, '-cert', `keys/${key}.crt`];
      const { pid } = await launch('openssl', ['s_server', '-accept', where, ...pair], 'ACCEPT');
      await connect(launch, '-connect', where);
      return pid;
    },
  };
}

const nginx: Server = {
  needs: ['nginx', 'openssl'],
  key: 'p256',
  form: 'certificate',
  statement: overRandoms('ECDSA, SHA-256'),
  async start(folder, launch) {
    const pair = { key: join(folder, 'keys/p256.pem'), certificate: join(folder, 'keys/p256.crt') };
    const args = ['-p', folder, '-c', nginxConfig(folder, [pair]), '-e', 'stderr'];
    const { pid } = await launch('nginx', args, 'start worker process ');
    await connect(launch, '-unix', join(folder, 'nginx.sock'));
    return children(pid)[0]!;
  },
};

const gnutls: Server = {
  needs: ['gnutls-serv', 'openssl'],
  key: 'ed25519',
  form: 'certificate',
  statement: overRandoms('Ed25519'),
  async start(_, launch) {
    const port = String(await freePort());
    const pair = ['--x509keyfile', 'keys/ed25519.pem', '--x509certfile', 'keys/ed25519.crt'];
    const { pid } = await launch('gnutls-serv', ['-p', port, ...pair]);
    await connect(launch, '-connect', `127.0.0.1:${port}`);
    return pid;
  },
};

function dropbear(key: KeyName, hostKey: string, algorithm: string): Server {
  return {
    needs: ['dropbear', 'ssh-keygen', 'ssh-agent'],
    key,
    form: 'openssh',
    statement: overHash(algorithm),
    async start(folder, launch) {
      const [from, to] = [`keys/${key}.ssh`, `keys/${key}.dropbear`].map((name) => join(folder, name));
      // dropbearconvert reads OpenSSH's own form only.
      execFileSync(program('ssh-keygen'), ['-q', '-p', '-N', '', '-f', from!], { stdio: 'ignore' });
      execFileSync(program('dropbearconvert'), ['openssh', 'dropbear', from!, to!], { stdio: 'ignore' });
      const port = String(await freePort());
      const { pid } = await launch('dropbear', dropbearArguments(port, to!));
      const args = clientArguments(port, [`HostKeyAlgorithms=${hostKey}`, 'UserKnownHostsFile=/dev/null']);
      const environment = silentPassword(folder);
      await eventually(() => launch('ssh', args, 'Authentications that can continue', environment), 50);
      return children(pid)[0]!;
    },
  };
}

const SERVERS: Readonly<Record<string, Server>> = {
  'openssl s_server with P-256': sServer('p256', 'ECDSA, SHA-256'),
  'openssl s_server with P-384': sServer('p384', 'ECDSA, SHA-(256|384|512)'),
  'openssl s_server with Ed25519': sServer('ed25519', 'Ed25519'),
  'nginx with P-256': nginx,
  'gnutls-serv with Ed25519': gnutls,
  'dropbear with P-256': dropbear('p256', 'ecdsa-sha2-nistp256', 'ECDSA, SHA-256'),
  'dropbear with Ed25519': dropbear('ed25519', 'ssh-ed25519', 'Ed25519'),
};

/** Statements about signatures in the proofs of a server's dump. */
async function statementsOf({ key, form, start }: Server): Promise<string[]> {
  return withTempDir(async (folder) => {
    const targets: Target[] = [];
    const launch: Launch = async (name, args, ready, env = {}) => {
      const options = {
        cwd: folder,
        env: { HOME: folder, ...env },
        ...(ready === undefined ? {} : { ready }),
      };
      const target = await startTarget(program(name), args, options);
      targets.push(target);
      return target;
    };
    const place = writeKeys(folder, freshKeys([key]), [form]);
    try {
      const pid = await start(folder, launch);
      rmSync(place, { recursive: true });
      const path = await gcore(pid, folder);
      const { report } = await scanJson([path]);
      return report.findings.flatMap(({ proof }) => proof).filter((each) => each.startsWith('made the'));
    } finally {
      for (const target of targets.reverse()) await target.stop();
    }
  });
}

for (const [name, server] of Object.entries(SERVERS))
  describeWith(['gdb', ...server.needs], `a signature in ${name}`, () => {
    test('is named in the proof of the key that made it', async () => {
      let statements: string[] = [];
      // With fresh keys and nonces one in a few hundred is missed by chance.
      for (let i = 0; i < 3 && statements.length === 0; i++) statements = await statementsOf(server);
      expect(statements).toEqual([expect.stringMatching(server.statement)]);
    });
  });
