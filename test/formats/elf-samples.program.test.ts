import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import type { RegionKind } from '../../src/core/model/report.js';
import { openDump } from '../../src/formats/formats.js';
import type { Dump } from '../../src/formats/memory/types.js';
import { describeWith } from '../support/describe.js';
import { describeWithSamples } from '../support/samples.js';

/** Machine, bits, byte order, pid, signal, threads, modules, and the kinds of region that the core holds. */
const SAMPLES: [name: string, facts: Record<string, unknown>, modules: number, kinds: RegionKind[]][] = [
  [
    '2lwp_process_SIGSEGV.amd64.core',
    { machine: 'x86-64', bits: 64, endian: 'le', pid: 665, signalName: 'SIGSEGV', threads: 2 },
    0,
    ['header', 'mapping', 'note', 'register', 'stack'],
  ],
  [
    'core_linux32.elf',
    { machine: 'i386', bits: 32, endian: 'le', pid: 11038, signalName: 'SIGABRT', threads: 1 },
    3,
    ['argv', 'environment', 'gap', 'header', 'heap', 'mapping', 'module', 'note', 'register', 'stack'],
  ],
  [
    'core_linux64.elf',
    { machine: 'x86-64', bits: 64, endian: 'le', pid: 23395, signalName: 'SIGABRT', threads: 1 },
    3,
    ['argv', 'environment', 'gap', 'header', 'heap', 'mapping', 'module', 'note', 'register', 'stack'],
  ],
  [
    'core_simple64.elf',
    { machine: 'x86-64', bits: 64, endian: 'le', pid: 135113, signalName: 'SIGABRT', threads: 1 },
    3,
    ['argv', 'environment', 'gap', 'header', 'heap', 'mapping', 'module', 'note', 'register', 'stack'],
  ],
  ['linux-arm.core', { machine: 'arm', bits: 32, endian: 'le', threads: 1 }, 0, ['header', 'register']],
  [
    'linux-i386.core',
    { machine: 'i386', bits: 32, endian: 'le', pid: 32306, signalName: 'SIGSEGV', threads: 1 },
    1,
    ['argv', 'environment', 'gap', 'header', 'mapping', 'module', 'note', 'register', 'stack'],
  ],
  [
    'linux-mips64el-gnuabin32.core',
    { machine: 'mips', bits: 32, endian: 'le', pid: 3670, signalName: 'SIGSEGV', threads: 1 },
    1,
    ['argv', 'environment', 'gap', 'header', 'mapping', 'module', 'note', 'register', 'stack'],
  ],
  [
    'linux-ppc64le.core',
    { machine: 'ppc64', bits: 64, endian: 'le', pid: 28147, signalName: 'SIGSEGV', threads: 1 },
    0,
    ['argv', 'environment', 'gap', 'header', 'module', 'note', 'register', 'stack'],
  ],
  [
    'linux-s390x.core',
    { machine: 's390x', bits: 64, endian: 'be', pid: 1045, signalName: 'SIGSEGV', threads: 1 },
    1,
    ['argv', 'environment', 'gap', 'header', 'module', 'note', 'register', 'stack'],
  ],
  [
    'linux-x86_64.core',
    { machine: 'x86-64', bits: 64, endian: 'le', pid: 32259, signalName: 'SIGSEGV', threads: 1 },
    1,
    ['argv', 'environment', 'gap', 'header', 'mapping', 'module', 'note', 'register', 'stack'],
  ],
  [
    'thread_crash-linux-x86_64.core',
    { machine: 'x86-64', bits: 64, endian: 'le', pid: 5222, signalName: 'SIGILL', threads: 3 },
    7,
    ['gap', 'header', 'mapping', 'module', 'note', 'register'],
  ],
];

function kinds(dump: Dump, length: number): RegionKind[] {
  const found = new Set<RegionKind>();
  for (let offset = 0; offset < length; offset++) found.add(dump.locate(offset).region.kind);
  return [...found].sort();
}

describeWithSamples('a real ELF core', (samples) => {
  describe.each(SAMPLES)('%s', (name, facts, modules, regions) => {
    const path = join(samples, 'elf-core', name);
    const open = () => {
      const bytes = readFileSync(path);
      return { dump: openDump(bufferReader(bytes)), length: bytes.length };
    };

    test('has the facts of the process and its modules', () => {
      const { process, memory } = open().dump;
      expect(process).toMatchObject(facts);
      expect(process.modules).toHaveLength(modules);
      expect(memory!.missing).toEqual([]);
    });

    test('names what it holds', () => {
      const { dump, length } = open();
      expect(kinds(dump, length)).toEqual(regions);
    });

    describeWith(['readelf'], 'compared with readelf', () => {
      test('has its segments', () => {
        const text = execFileSync('readelf', ['-lW', path], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        const rows = [...text.matchAll(/^ +LOAD +(0x\S+) (0x\S+) 0x\S+ (0x\S+)/gm)].map(
          ([, offset, address, length]) => ({
            offset: Number(offset),
            address: BigInt(address!),
            length: Number(length),
          }),
        );
        const segments = open().dump.segments.map(({ offset, address, length }) => ({
          offset,
          address,
          length,
        }));
        expect(segments).toEqual(rows.filter(({ length }) => length > 0));
      });
    });
  });
});

const RECOGNISED: [path: string, format: string, code: string][] = [
  ['kdump/bios8.kdump-raw-zlib', 'kdump', 'format-not-decoded'],
  ['kdump/bios8.kdump-zlib', 'kdump-flattened', 'format-not-decoded'],
  ['other/test1.gcdump', 'dotnet-gcdump', 'format-not-decoded'],
];

describeWithSamples('a real dump of a format without a reader', (samples) => {
  test.each(RECOGNISED)('%s is known as %s', (path, format, code) => {
    const dump = openDump(bufferReader(readFileSync(join(samples, path))));
    expect(dump.format).toBe(format);
    expect(dump.warnings.map((warning) => warning.code)).toEqual([code]);
  });
});
