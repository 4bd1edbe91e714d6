import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { program } from '../support/programs.js';
import { writePrivate } from '../support/secrets.js';

const SCRIPT = fileURLToPath(asset('install/debian.sh'));

describeWith(['dpkg-deb', 'gzip'], 'the package for Debian', () => {
  test('has the executable, the manual page, the licences and the guard', () =>
    withTempDir(async (cwd) => {
      const executable = writePrivate(cwd, 'dumpsieve', '#!/bin/sh\necho an executable\n');
      execFileSync('sh', [SCRIPT, executable], { cwd, stdio: 'ignore' });
      const { version } = JSON.parse(readFileSync(asset('package.json'), 'utf8')) as { version: string };
      const architecture = execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();
      const deb = join(cwd, `dumpsieve_${version}_${architecture}.deb`);
      const says = (...args: string[]): string =>
        execFileSync(program('dpkg-deb'), args, { encoding: 'utf8' });
      expect(says('--field', deb, 'Package', 'Version')).toBe(`Package: dumpsieve\nVersion: ${version}\n`);
      const files = says('--contents', deb).matchAll(/^(-\S+) root\/root .* \.\/(\S+)$/gm);
      expect([...files].map(([, mode, path]) => `${mode} ${path}`).sort()).toEqual([
        '-rw-r--r-- usr/lib/systemd/system/dumpsieve-guard.service',
        '-rw-r--r-- usr/lib/systemd/system/dumpsieve-seal.socket',
        '-rw-r--r-- usr/lib/systemd/system/dumpsieve-seal@.service',
        '-rw-r--r-- usr/lib/tmpfiles.d/dumpsieve.conf',
        '-rw-r--r-- usr/share/doc/dumpsieve/NEWS',
        '-rw-r--r-- usr/share/doc/dumpsieve/copyright',
        '-rw-r--r-- usr/share/doc/dumpsieve/guard.md',
        '-rw-r--r-- usr/share/doc/dumpsieve/guard/recipients',
        '-rw-r--r-- usr/share/doc/dumpsieve/guard/seal.conf',
        '-rw-r--r-- usr/share/doc/dumpsieve/guard/sysctl.conf',
        '-rw-r--r-- usr/share/doc/dumpsieve/guard/watch.conf',
        '-rw-r--r-- usr/share/man/man1/dumpsieve.1.gz',
        '-rwxr-xr-x usr/bin/dumpsieve',
        '-rwxr-xr-x usr/lib/dumpsieve/seal',
      ]);
      execFileSync(program('dpkg-deb'), ['--extract', deb, join(cwd, 'root')]);
      expect(execFileSync(join(cwd, 'root/usr/bin/dumpsieve'), { encoding: 'utf8' })).toBe('an executable\n');
    }));
});
