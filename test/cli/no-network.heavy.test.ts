import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { asset } from '../../src/core/base/runtime/assets.js';
import { spool, withGuard } from '../guard/guard-state.js';
import { describeWith } from '../support/describe.js';
import { findProgram, program } from '../support/programs.js';
import { wholeProgram } from '../support/whole-program.js';

/** A call of each verb but those of hunt and of the guard, in this order, with its exit status. */
const CALLS: [line: string, status: number][] = [
  ['scan dump --output json=report.json --find key.pem', 1],
  ['inspect dump', 0],
  ['redact dump -o copy --sign sign.pem', 0],
  ['verify copy.manifest.json copy --key sign.pub', 0],
  ['report report.json', 1],
  ['baseline list --baseline accepted.json', 0],
  [`baseline add v1:${'5'.repeat(64)} --reason test --owner me --expires 30d --baseline accepted.json`, 0],
  [`baseline remove v1:${'5'.repeat(64)} --baseline accepted.json`, 0],
  ['baseline prune --baseline accepted.json', 0],
  ['rules list', 0],
  ['rules show github-token', 0],
  ['rules check --only github-token', 0],
  ['rules test github-token dump', 0],
  ['fingerprint', 0],
  ['completion bash', 0],
];
/** A policy by which a dump stays. */
const RULES = 'rules:\n  - { exit: 0, action: pass }\n';
/** Calls of the guard, whose policy comes behind them. */
const GUARDED: [line: string, status: number][] = [
  ['guard watch --once', 1],
  ['guard list', 0],
  ['guard check', 1],
  ['guard release 1 --reason test -o sealed', 0],
];
/** What hunt does with a file and dumps of this machine connects to nothing either. */
const HUNTS: [line: string, status: number][] = [
  ['hunt migrate --store hunt.db', 0],
  ['hunt add dump --store hunt.db', 1],
  ['hunt work --object dump --store hunt.db', 0],
  ['hunt query --store hunt.db --key key.pem', 2],
  ['hunt status --store hunt.db', 0],
  ['hunt forget **/dump --yes --store hunt.db', 0],
];

const BIN = fileURLToPath(asset('bin/dumpsieve.js'));
const SIGNER = readFileSync(asset('fixtures/dumps/signer.core'));

/** Sockets of a network, and what asks the kernel for its interfaces. Pipes of this machine are none. */
const NETWORK = /(?:socket|connect)\(.*AF_(?:INET6?|NETLINK|PACKET|VSOCK)/;
const CONNECTION = /(?:socket|connect)\(.*AF_(?:INET6?|PACKET|VSOCK)/;

describeWith(['strace', 'namespaces'], 'without a network, under strace', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dumpsieve-strace-'));
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const signing = generateKeyPairSync('ed25519');
    const files = {
      dump: SIGNER,
      'key.pem': key.export({ type: 'pkcs8', format: 'pem' }),
      'sign.pem': signing.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      'sign.pub': signing.publicKey.export({ type: 'spki', format: 'pem' }),
    };
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(folder, name), content, { mode: 0o600 });
    spawnSync(process.execPath, [BIN, 'scan', 'dump', '--write-baseline', 'accepted.json'], { cwd: folder });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function traced(line: string, pattern: RegExp): { status: number | null; calls: string[] } {
    const log = join(folder, 'trace');
    const strace = [program('strace'), '-f', '-qq', '-e', 'trace=socket,connect,execve', '-o', log];
    const args = ['--net', ...strace, process.execPath, BIN, ...line.split(' ')];
    const { status } = spawnSync('unshare', args, {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '' },
      input: 'not a secret that any rule knows',
      timeout: 60_000,
    });
    const calls = readFileSync(log, 'utf8').split('\n');
    // The trace is one of the command, and not empty.
    expect(calls[0]).toContain('execve(');
    return { status, calls: calls.filter((call) => pattern.test(call)) };
  }

  test.each(CALLS)('%s opens no socket of a network', (line, expected) => {
    const { status, calls } = traced(line, NETWORK);
    expect({ status, calls }).toEqual({ status: expected, calls: [] });
  });

  test.each(HUNTS)('%s connects to nothing', (line, expected) => {
    const { status, calls } = traced(line, CONNECTION);
    expect({ status, calls }).toEqual({ status: expected, calls: [] });
  });

  test('nor does the guard, with a dump that waits', () => {
    if (findProgram('age') === undefined || findProgram('zstd') === undefined) return;
    return withGuard(RULES, async (guard) => {
      spool(guard, SIGNER);
      for (const [line, expected] of GUARDED) {
        const { status, calls } = traced(`${line} --policy ${guard.policy}`, NETWORK);
        expect({ line, status, calls }).toEqual({ line, status: expected, calls: [] });
      }
    });
  });

  test('a store on a server is connected to: the trace shows it', () => {
    const { status, calls } = traced('hunt query --store postgres://me@127.0.0.1:1/hunt', CONNECTION);
    expect(status).toBeGreaterThan(1);
    expect(calls.join('\n')).toMatch(/AF_INET/);
  });
});

/** Verbs without verbs of their own, as they are called. */
const leaves = (command: Command, before = ''): string[] =>
  command.commands.flatMap((verb) => {
    const name = `${before}${verb.name()}`;
    return verb.commands.length === 0 ? [name] : leaves(verb, `${name} `);
  });

test('each verb has a row', () => {
  const called = [...CALLS, ...GUARDED, ...HUNTS].map(([line]) => `${line} `);
  const verbs = leaves(wholeProgram).filter((verb) => verb !== 'help');
  expect(verbs.length).toBeGreaterThan(15);
  expect(verbs.filter((verb) => !called.some((line) => line.startsWith(`${verb} `)))).toEqual([]);
});
