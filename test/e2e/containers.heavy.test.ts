import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import type { ScanEvent } from '../../src/index.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { scan } from '../support/scan.js';

/**
 * One dump in every container that its real tool makes, and in stacks of them: the same findings at the same
 * offsets as in the plain file, in the right member.
 */

const CORE = 'fixtures/dumps/signer.core';

interface Case {
  name: string;
  /** A shell command in a folder with `core`, that writes the container to OUT. */
  command: string;
  /** Path of the core within the container. */
  member: string;
  /** Name of the container; `out` by default. */
  file?: string;
}

const SINGLE: readonly (readonly [name: string, command: string, member: string])[] = [
  ['gzip', 'gzip -nc core >OUT', 'out'],
  ['zstd', 'zstd -qc core >OUT', 'out'],
  ['xz', 'xz -c core >OUT', 'out'],
  ['xz, x86 filter, small blocks', 'xz --x86 --lzma2 --block-size=9000 -c core >OUT', 'out'],
  ['lz4', 'lz4 -qc core >OUT', 'out'],
  ['legacy lz4', 'lz4 -qlc core >OUT', 'out'],
  ['bzip2', 'bzip2 -c core >OUT', 'out'],
  ['lzma', 'xz --format=lzma -c core >OUT', 'out'],
  ['tar', 'tar -cf OUT core', 'core'],
  ['tar by bsdtar', 'bsdtar -cf OUT core', 'core'],
  ['tar, in pax format', 'tar -cf OUT --format=posix ./core', './core'],
  ['tar, sparse', 'tar -cSf OUT core', 'core'],
  ['zip', 'zip -q OUT core && mv OUT.zip OUT 2>/dev/null; :', 'core'],
  ['zip, stored', 'zip -q0 - core >OUT', 'core'],
  ['zip by bsdtar', 'bsdtar -cf OUT --format=zip core', 'core'],
  ['zip by 7z', '7z a -tzip -bd OUT core && mv OUT.zip OUT 2>/dev/null; :', 'core'],
  ['cpio, newc', 'echo core | cpio -o --quiet -H newc >OUT', 'core'],
  ['cpio, crc', 'echo core | cpio -o --quiet -H crc >OUT', 'core'],
  ['cpio, odc', 'echo core | cpio -o --quiet -H odc >OUT', 'core'],
  ['cpio by bsdtar', 'bsdtar -cf OUT --format=newc core', 'core'],
  ['7z', '7z a -bd in.7z core && mv in.7z OUT', 'core'],
  ['7z by PPMd', '7z a -bd -m0=PPMd in.7z core && mv in.7z OUT', 'core'],
  ['7z by bzip2, not solid', '7z a -bd -m0=BZip2 -ms=off in.7z core && mv in.7z OUT', 'core'],
  ['cab', 'gcab -cn OUT core', 'core'],
  ['cab, compressed', 'gcab -cz OUT core', 'core'],
  ['ar', 'ar qc OUT core', 'core'],
  ['ar by bsdtar', 'bsdtar -cf OUT --format=arbsd core', 'core'],
];

const STACKS: readonly Case[] = [
  { name: 'tar.gz', command: 'tar -czf OUT core', member: 'core', file: 'a.tar.gz' },
  { name: 'tar.xz', command: 'tar -cJf OUT core', member: 'core', file: 'a.tar.xz' },
  { name: 'tbz2', command: 'tar -cjf OUT core', member: 'core', file: 'a.tbz2' },
  {
    name: 'a ZIP member in xz in lz4',
    command: 'xz core; zip -q - core.xz | lz4 -qc >OUT',
    member: 'core.xz!core',
  },
  { name: 'tar.zst', command: 'tar -cf - core | zstd -qc >OUT', member: 'core' },
  { name: 'a gzip in a tar', command: 'gzip core; tar -cf OUT core.gz', member: 'core.gz!core' },
  {
    name: 'an image of docker save',
    command: 'mkdir a1; tar -cf a1/layer.tar core; tar -cf OUT a1',
    member: 'a1/layer.tar!core',
  },
  {
    name: 'an OCI image layout',
    command: 'mkdir -p blobs/sha256; tar -czf blobs/sha256/a1b2 core; tar -cf OUT blobs',
    member: 'blobs/sha256/a1b2!core',
  },
  { name: 'a zip in a zip', command: 'zip -q in.zip core; zip -q - in.zip >OUT', member: 'in.zip!core' },
  {
    name: 'an initramfs: cpio, and a compressed one after it',
    command:
      'echo hi >first; echo first | cpio -o --quiet -H newc >OUT; ' +
      'echo core | cpio -o --quiet -H newc | gzip >>OUT',
    member: 'rest!core',
  },
  {
    name: 'a Debian package',
    command:
      'mkdir -p p/DEBIAN p/var/crash; cp core p/var/crash/; printf "Package: a\\nVersion: 1\\n' +
      'Architecture: all\\nMaintainer: a <a@example.org>\\nDescription: a\\n" >p/DEBIAN/control; ' +
      'dpkg-deb -Zgzip --root-owner-group -b p OUT',
    member: 'data.tar.gz!./var/crash/core',
  },
];

/** Where each finding lies: fingerprint, offset and length, for a path. */
async function places(paths: string[], stdin?: Buffer) {
  const options = stdin ? { paths: ['-'], stdin: Readable.from([stdin]) } : { paths };
  const artifacts: string[] = [];
  const found: { path: string; place: string }[] = [];
  let summary: Extract<ScanEvent, { type: 'summary' }> | undefined;
  for await (const event of scan(options)) {
    if (event.type === 'artifact') artifacts.push(event.path);
    if (event.type === 'summary') summary = event;
    if (event.type !== 'finding') continue;
    for (const { artifact, offset, length } of event.occurrences)
      found.push({ path: String(artifact), place: `${event.fingerprint} ${offset} ${length}` });
  }
  return {
    artifacts,
    places: found.map(({ path, place }) => `${artifacts[Number(path)]} ${place}`),
    status: summary?.exit,
  };
}

async function check({ name, command, member, file = 'out' }: Case): Promise<void> {
  await withTempDir(async (folder) => {
    copyFileSync(CORE, join(folder, 'core'));
    const out = join(folder, file);
    execFileSync('sh', ['-c', command.replaceAll('OUT', file)], { cwd: folder, stdio: 'ignore' });
    const plain = await places([CORE]);
    expect(plain.places.length).toBeGreaterThan(3);
    const expected = (container: string) =>
      plain.places.map((place) => place.replace(CORE, `${container}!${member}`)).sort();
    const packed = await places([out]);
    // Where nothing is compressed they are found in the container's own bytes, too.
    const within = packed.places.filter((place) => place.includes('!'));
    expect([name, within.sort()]).toEqual([name, expected(out)]);
    expect(packed.status).toBe(plain.status);
    const piped = await places([], readFileSync(out));
    expect(piped.places).toHaveLength(packed.places.length);
    expect(piped.status).toBe(plain.status);
  });
}

const TOOLS = [
  'xz',
  'lz4',
  'bzip2',
  'gcab',
  'bsdtar',
  '7z',
  'cpio',
  'ar',
  'zip',
  'zstd',
  'gzip',
  'dpkg-deb',
] as const;
describeWith([...TOOLS], 'a dump in containers', () => {
  test.each(SINGLE)('%s', (name, command, member) => check({ name, command, member }));
  test.each(STACKS)('$name', check);

  test('an Apport report, in the form of problem_report.py', async () => {
    await withTempDir(async (folder) => {
      const [report, core] = [join(folder, 'a.crash'), readFileSync(CORE)];
      const packed = gzipSync(core);
      const lines = [packed.subarray(0, 10), packed.subarray(10, 5000), packed.subarray(5000)].map(
        (part) => ` ${part.toString('base64')}`,
      );
      const text = [
        'ProblemType: Crash',
        'CoreDump: base64',
        ...lines,
        'ExecutablePath: /bin/true',
        'UserGroups: N/A',
        '',
      ];
      writeFileSync(report, text.join('\n'));
      const plain = await places([CORE]);
      const found = await places([report]);
      expect(found.places.sort()).toEqual(
        plain.places.map((place) => place.replace(CORE, `${report}!CoreDump!CoreDump`)).sort(),
      );
    });
  });

  test.each<[what: string, command: string, path: string, files: number]>([
    ['the database of Crashpad', 'mkdir pending; cp core pending/a.dmp', 'pending/a.dmp', 1],
    [
      'a folder of abrt',
      'cp core coredump; echo HOME=/root >environ; echo /bin/true >cmdline; cat /proc/self/maps >maps',
      'coredump',
      4,
    ],
    [
      'a core of systemd',
      "zstd -qc core >'core.a\\x2eout.1000.1a2b.77.17.zst'",
      String.raw`core.a\x2eout.1000.1a2b.77.17.zst!core.a\x2eout.1000.1a2b.77.17`,
      2,
    ],
    [
      'a report of Windows Error Reporting',
      'mkdir AppCrash_a; cp core a.hdmp; gcab -cz AppCrash_a/memory.cab a.hdmp; ' +
        'printf "Version=1" | iconv -t UTF-16 >AppCrash_a/Report.wer; rm a.hdmp',
      'AppCrash_a/memory.cab!a.hdmp',
      4,
    ],
  ])('%s', async (_what, command, path, files) => {
    await withTempDir(async (folder) => {
      copyFileSync(CORE, join(folder, 'core'));
      execFileSync('sh', ['-c', `${command}; rm core`], { cwd: folder, stdio: 'ignore' });
      const plain = await places([CORE]);
      const found = await places([folder]);
      expect(found.artifacts).toHaveLength(files);
      const whole = join(folder, path);
      const within = found.places.filter((place) => place.startsWith(`${whole} `));
      expect(within.sort()).toEqual(plain.places.map((place) => place.replace(CORE, whole)).sort());
      expect(found.status).toBe(1);
    });
  });
});
