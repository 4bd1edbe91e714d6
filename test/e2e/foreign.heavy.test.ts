import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { type Finding, scan, type Timings } from '../../src/index.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { gcore } from '../support/processes.js';
import { PYTHON, program } from '../support/programs.js';
import { freshKeys, writeKeys } from './bare/keys.js';
import { eventually, freePort, handshakes, launch, stopAll } from './bare/program.js';
import { clientArguments, dropbearArguments, silentPassword } from './bare/ssh.js';

/** Which identities of real programs are foreign: lists that they have read, and not their own. */
interface Seen {
  identities: Timings['identities'];
  status: string;
  found: (string | undefined)[];
}

async function seenIn(pid: number, folder: string): Promise<Seen> {
  const path = await gcore(pid, folder);
  let timings: Timings | undefined;
  const onTimings = (all: Timings) => {
    timings = all;
  };
  const findings: Finding[] = [];
  let status = '';
  for await (const event of scan({ paths: [path], onTimings }))
    if (event.type === 'finding') findings.push(event);
    else if (event.type === 'summary') status = event.verdict;
  const counting = findings.filter(({ counts }) => counts);
  return { identities: timings!.identities, status, found: counting.map(({ key }) => key?.spki) };
}

const sum = (identities: Timings['identities'], kind: string): number =>
  Object.entries(identities)
    .filter(([name]) => name.startsWith(kind))
    .reduce((total, [, count]) => total + count, 0);

const openssl = (folder: string, ...args: string[]): Buffer =>
  execFileSync(program('openssl'), args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });

const COUNT = 18;

/** Certificates of {@link COUNT} servers, in PEM. */
function bundle(folder: string, count = COUNT): string {
  openssl(folder, 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'ca.pem');
  openssl(folder, 'req', '-x509', '-new', '-key', 'ca.pem', '-subj', '/CN=an authority', '-out', 'ca.crt');
  // The usual file adds the extensions of an authority.
  writeFileSync(join(folder, 'req.cnf'), '[req]\ndistinguished_name = name\n[name]\n');
  const options = '-x509 -config req.cnf -newkey ed25519 -nodes -keyout /dev/null -CA ca.crt -CAkey ca.pem';
  const all = Array.from({ length: count }, (_, i) =>
    openssl(folder, 'req', ...options.split(' '), '-subj', `/CN=${i}.example`).toString(),
  );
  return all.join('');
}

afterEach(stopAll);

describeWith(['gdb', 'openssl', 'python3'], 'a bundle of certificates', () => {
  const mapped = `
import mmap, sys, time
open('/proc/self/coredump_filter', 'w').write('0x7f')
file = open(sys.argv[1], 'rb')
memory = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
assert memory[-1:]
print('ready', flush=True)
time.sleep(600)
`;
  test('that is mapped is a list, and its keys are foreign', async () => {
    await withTempDir(async (folder) => {
      writeFileSync(join(folder, 'bundle.crt'), bundle(folder));
      const { pid } = await launch(folder, PYTHON, ['-c', mapped, 'bundle.crt'], 'ready');
      const { identities, status, found } = await seenIn(pid, folder);
      expect(identities['foreign (list)']).toBeGreaterThanOrEqual(COUNT);
      expect([status, found]).toEqual(['nothing-found', []]);
    });
  });

  test('of authorities: all its keys are roots, or those of authorities', async () => {
    await withTempDir(async (folder) => {
      const system = '/etc/ssl/certs/ca-certificates.crt';
      const { pid } = await launch(folder, PYTHON, ['-c', mapped, system], 'ready');
      const { identities, status } = await seenIn(pid, folder);
      expect(sum(identities, 'root') + sum(identities, 'foreign')).toBeGreaterThan(100);
      expect(sum(identities, 'written')).toBeLessThan(3);
      expect(status).toBe('nothing-found');
    });
  });

  test('that one certificate is taken from is no list: a lone certificate is written', async () => {
    await withTempDir(async (folder) => {
      writeFileSync(join(folder, 'lone.crt'), bundle(folder, 1));
      const { pid } = await launch(folder, PYTHON, ['-c', mapped, 'lone.crt'], 'ready');
      const { identities } = await seenIn(pid, folder);
      expect(identities.written).toBeGreaterThanOrEqual(1);
      expect(sum(identities, 'foreign (list)')).toBe(0);
    });
  });
});

describeWith(['gdb', 'openssl'], 'openssl s_server', () => {
  test('has its own certificate as a written one, and roots beside it', async () => {
    await withTempDir(async (folder) => {
      writeKeys(folder, freshKeys(['rsa']), ['certificate']);
      const port = await freePort();
      const where = `127.0.0.1:${port}`;
      const pair = ['-key', 'keys/rsa.pem', '-cert', 'keys/rsa.crt', '-CAfile'];
      const system = '/etc/ssl/certs/ca-certificates.crt';
      const { pid } = await launch(
        folder,
        program('openssl'),
        ['s_server', '-accept', where, ...pair, system],
        'ACCEPT',
      );
      await handshakes(['rsa'], '-connect', where);
      const { identities, found } = await seenIn(pid, folder);
      expect(identities.written).toBeGreaterThanOrEqual(1);
      expect(identities.root).toBeGreaterThan(100);
      const own = openssl(folder, 'pkey', '-in', 'keys/rsa.pem', '-pubout', '-outform', 'DER');
      expect(found).toContain(own.toString('base64'));
    });
  });
});

/**
 * Lines of known_hosts for servers with keys of Ed25519. The last one is a comment: the allocator may
 * overwrite the end of a freed copy of the file, and a key with other last bytes is one more key.
 */
function knownHosts(count: number): string {
  const lines = Array.from({ length: count }, (_, i) => {
    const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
    const key = Buffer.from(x!, 'base64url');
    const blob = [Buffer.from('ssh-ed25519'), key].flatMap((each) => [Buffer.of(0, 0, 0, each.length), each]);
    return `host-${i}.example ssh-ed25519 ${Buffer.concat(blob).toString('base64')}`;
  });
  return [...lines, '# the end of the known hosts', ''].join('\n');
}

describeWith(['gdb', 'python3'], 'known_hosts', () => {
  const reading = `
import sys, time
hosts = open(sys.argv[1]).read()
print('ready', flush=True)
time.sleep(600)
`;
  test('that is read as a whole is a list, and its keys are foreign', async () => {
    await withTempDir(async (folder) => {
      writeFileSync(join(folder, 'known_hosts'), knownHosts(200));
      const { pid } = await launch(folder, PYTHON, ['-c', reading, 'known_hosts'], 'ready');
      const { identities, status, found } = await seenIn(pid, folder);
      expect(identities['foreign (list)']).toBe(200);
      expect([status, found]).toEqual(['nothing-found', []]);
    });
  });
});

describeWith(['gdb', 'dropbear', 'ssh-agent'], 'ssh', () => {
  test('has no crowd of written identities from known_hosts', async () => {
    await withTempDir(async (folder) => {
      writeFileSync(join(folder, 'known'), knownHosts(200));
      const port = String(await freePort());
      const key = join(folder, 'host');
      execFileSync(program('dropbearkey'), ['-t', 'ecdsa', '-f', key], { stdio: 'ignore' });
      await launch(folder, program('dropbear'), dropbearArguments(port, key));
      const environment = Object.entries(silentPassword(folder)).map(([name, value]) => `${name}=${value}`);
      const options = ['UserKnownHostsFile=known', 'GlobalKnownHostsFile=/dev/null'];
      const command = ['-i', ...environment, program('ssh'), ...clientArguments(port, options)];
      const { pid } = await eventually(
        () => launch(folder, '/usr/bin/env', command, 'Authentications that can continue'),
        50,
      );
      // It reads the file line by line and keeps none of them.
      const { identities, status, found } = await seenIn(pid, folder);
      expect(sum(identities, 'written')).toBeLessThan(16);
      expect([status, found]).toEqual(['nothing-found', []]);
    });
  });
});

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

describeWith(['gdb', 'gpg'], 'gpg', () => {
  test('has no identities of its keyring: OpenPGP packets are none', async () => {
    if (!existsSync(KEYRING)) throw new Error(`${KEYRING} is missing`);
    await withTempDir(async (folder) => {
      const args = ['--homedir', folder, '--no-default-keyring', '--keyring', KEYRING];
      const listed = execFileSync(program('gpg'), [...args, '--with-colons', '--list-keys'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const [, fingerprint] = /^fpr:+([0-9A-F]+):/m.exec(listed.toString())!;
      const edit = [
        '--batch',
        '--no-tty',
        '--status-fd',
        '1',
        '--command-fd',
        '0',
        '--edit-key',
        fingerprint!,
      ];
      const { pid } = await launch(folder, program('gpg'), [...args, ...edit], 'GET_LINE');
      const { identities, status, found } = await seenIn(pid, folder);
      expect([sum(identities, 'foreign'), found]).toEqual([0, []]);
      expect(status).toBe('nothing-found');
    });
  });
});
