import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { program } from '../../../support/programs.js';
import { writePrivate } from '../../../support/secrets.js';
import { children, eventually, freePort, launch, type Program } from '../program.js';

/** SSH agents and servers. */

const run = promisify(execFile);
const ALL = ['rsa', 'p256', 'ed25519'] as const;

/** Adds every key to the agent at `socket`, and has it sign with each. */
async function useAgent(folder: string, socket: string): Promise<void> {
  const env = { PATH: process.env.PATH, HOME: folder, SSH_AUTH_SOCK: socket };
  const options = { cwd: folder, env };
  const message = writePrivate(folder, 'message', 'message');
  for (const name of ALL) {
    const { stdout } = await run(program('ssh-keygen'), ['-y', '-f', `keys/${name}.ssh`], options);
    writePrivate(folder, `${name}.pub`, stdout);
    await eventually(() => run(program('ssh-add'), ['-q', `keys/${name}.ssh`], options));
    for (let i = 0; i < 3; i++) {
      const sign = ['-q', '-Y', 'sign', '-f', `${name}.pub`, '-n', 'e2e', message];
      execFileSync(program('ssh-keygen'), sign, { ...options, stdio: 'ignore' });
      execFileSync('/bin/rm', ['-f', `${message}.sig`]);
    }
  }
}

const sshAgent: Program = {
  name: 'ssh-agent',
  needs: ['ssh-agent', 'ssh-keygen'],
  keys: ALL,
  files: ['openssh'],
  async start(folder) {
    const socket = join(folder, 'agent.sock');
    const target = await launch(folder, program('ssh-agent'), ['-D', '-a', socket]);
    await useAgent(folder, socket);
    return [{ pid: target.pid }];
  },
};

/** Answers the passphrase prompt with an empty one. */
const PINENTRY = `#!/bin/sh
echo OK
while read -r command rest; do
  [ "$command" = GETPIN ] && echo "D "
  echo OK
  [ "$command" = BYE ] && exit
done
`;

const gpgAgent: Program = {
  name: 'gpg-agent (as SSH agent)',
  needs: ['gpg-agent', 'ssh-keygen'],
  keys: ALL,
  files: ['openssh'],
  async start(folder) {
    const home = join(folder, 'keys/gnupg');
    mkdirSync(home, { mode: 0o700 });
    const pinentry = writePrivate(folder, 'pinentry', PINENTRY);
    execFileSync('/bin/chmod', ['700', pinentry]);
    const args = [
      '--homedir',
      home,
      '--enable-ssh-support',
      '--pinentry-program',
      pinentry,
      '--daemon',
      '/bin/sh',
      '-c',
    ];
    const target = await launch(folder, program('gpg-agent'), [...args, 'echo ready; cat'], 'ready');
    await useAgent(folder, join(home, 'S.gpg-agent.ssh'));
    return [{ pid: target.pid }];
  },
};

/** A client that logs in and stays, so that the server has used its keys and keeps them for the session. */
async function login(folder: string, port: number, algorithm: string): Promise<void> {
  const args = [
    ...['-F', '/dev/null', '-p', String(port), '-i', 'client', '-T'],
    ...['-o', `HostKeyAlgorithms=${algorithm}`, '-o', 'StrictHostKeyChecking=no', '-o', 'IdentityAgent=none'],
    ...['-o', 'UserKnownHostsFile=/dev/null', 'root@127.0.0.1', 'echo logged in; cat'],
  ];
  await eventually(() => launch(folder, program('ssh'), args, 'logged in'));
}

const HOST_KEYS = ['rsa-sha2-256', 'ecdsa-sha2-nistp256', 'ssh-ed25519'];

function clientKey(folder: string): void {
  const args = ['-q', '-t', 'ecdsa', '-N', '', '-f', 'client'];
  execFileSync(program('ssh-keygen'), args, { cwd: folder, stdio: 'ignore' });
}

const sshd: Program = {
  name: 'sshd',
  needs: ['sshd', 'ssh-keygen', 'root'],
  keys: ALL,
  files: ['openssh'],
  async start(folder) {
    clientKey(folder);
    // Working folder of the unprivileged process.
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    const port = await freePort();
    const path = writePrivate(
      folder,
      'sshd_config',
      [
        ...[`ListenAddress 127.0.0.1:${port}`, `PidFile ${folder}/sshd.pid`, 'UsePAM no', 'StrictModes no'],
        ...[`AuthorizedKeysFile ${folder}/client.pub`, 'PermitRootLogin yes'],
        ...ALL.map((name) => `HostKey ${folder}/keys/${name}.ssh`),
      ].join('\n'),
    );
    const target = await launch(folder, program('sshd'), ['-D', '-e', '-f', path]);
    for (const algorithm of HOST_KEYS) await login(folder, port, algorithm);
    const sessions = children(target.pid).map((pid) => ({ role: 'session', pid }));
    return [{ role: 'listener', pid: target.pid }, ...sessions];
  },
};

const dropbear: Program = {
  name: 'dropbear',
  needs: ['dropbear', 'ssh-keygen', 'ssh-agent'],
  keys: ALL,
  files: ['openssh'],
  async start(folder) {
    const port = await freePort();
    const hostKeys = ALL.flatMap((name) => {
      const [from, to] = [`keys/${name}.ssh`, `keys/${name}.dropbear`];
      const options = { cwd: folder, stdio: 'ignore' as const };
      // dropbearconvert reads OpenSSH's own form only.
      execFileSync(program('ssh-keygen'), ['-q', '-p', '-N', '', '-f', from], options);
      execFileSync(program('dropbearconvert'), ['openssh', 'dropbear', from, to], options);
      return ['-r', to];
    });
    const args = ['-F', '-E', '-p', `127.0.0.1:${port}`, '-P', `${folder}/dropbear.pid`, ...hostKeys];
    const target = await launch(folder, program('dropbear'), args);
    // The server signs before it authenticates the client.
    for (const type of ['rsa', 'ecdsa', 'ed25519'])
      await eventually(async () => {
        const scan = ['-p', String(port), '-t', type, '127.0.0.1'];
        const { stdout } = await run(program('ssh-keyscan'), scan, { timeout: 120_000 });
        if (!stdout.includes('127.0.0.1')) throw new Error(`no ${type} host key`);
      });
    return [{ pid: target.pid }];
  },
};

export const ssh: readonly Program[] = [sshAgent, gpgAgent, sshd, dropbear];
