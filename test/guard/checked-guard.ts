import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckPlaces } from '../../src/guard/check/key-checks.js';
import { loadPolicy, type Policy } from '../../src/guard/policy/policy.js';
import { holdLock } from '../../src/guard/state/lock.js';
import { KEY } from '../redact/manifest/signed-copy.js';
import { withTempDir } from '../support/folder.js';
import { ageKey } from './seal/age-keys.js';

/** A guard whose set-up is right, below one folder: files of /etc, /usr/lib and /proc too. */
export interface CheckedGuard {
  root: string;
  state: string;
  policy: Policy;
  places: CheckPlaces;
  file(...names: string[]): string;
  write(name: string, content: string, mode?: number): void;
  /** Ends the service. */
  stop(): void;
}

export const BOOT = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);

export const withCheckedGuard = (body: (guard: CheckedGuard) => Promise<void>): Promise<void> =>
  withTempDir(async (root) => {
    const file = (...names: string[]) => join(root, ...names);
    const write = (name: string, content: string, mode = 0o644) => {
      writeFileSync(file(name), content);
      chmodSync(file(name), mode);
    };
    for (const name of [
      'lib',
      'kernel',
      'state',
      'state/spool',
      'state/work',
      'state/out',
      'state/quarantine',
    ])
      mkdirSync(file(name), { mode: 0o700 });
    const [machine, responder] = [ageKey('machine'), ageKey('responder')];
    write('machine.key', machine.identity, 0o600);
    write('responder.key', responder.identity, 0o600);
    write('recipients', `# machine and responder\n${machine.recipient}\n${responder.recipient}\n`);
    write('responder', `${responder.recipient}\n`);
    write('sign.key', KEY.minisignSecret, 0o600);
    write('lib/seal', '#!/bin/sh\nexit 0\n', 0o755);
    write('seal.conf', `state=${file('state')}\nrecipients="${file('recipients')}" # of age\nshare=90\n`);
    write('kernel/core_pattern', `|${file('lib/seal')} ${file('seal.conf')} %P %u %g %s %c %d %t %E\n`);
    write('kernel/core_pipe_limit', '16\n');
    write('kmsg', '6,1,1,-;Linux version\n');
    const lines = ['recipients', 'responder', 'state'].map((name) => `${name}: ${name}\n`).join('');
    write('guard.yaml', `${lines}identity: machine.key\nsign: sign.key\ndisk: 90%\nrules: []\n`);
    const stop = await holdLock(file('state'));
    const places = {
      kernel: file('kernel'),
      kernelLog: file('kmsg'),
      path: '/usr/sbin:/usr/bin:/sbin:/bin',
      settings: file('seal.conf'),
      temporary: root,
      patience: 400,
    };
    const policy = await loadPolicy(file('guard.yaml'));
    try {
      await body({ root, state: file('state'), policy, places, file, write, stop });
    } finally {
      stop();
    }
  });
