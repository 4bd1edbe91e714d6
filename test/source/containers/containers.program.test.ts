import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import { recognise } from '../../../src/source/containers/containers.js';
import { codes, collect, program, sample, scratch } from '../collect.js';

const files = scratch();
afterAll(() => files.remove());

const named = (bytes: Uint8Array): string | undefined => recognise(bufferReader(bytes))?.name;
const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const skippable = latin('\x5a\x2a\x4d\x18\x04\0\0\0skip');

/** A file system without a byte of content. */
function ext4(): Buffer {
  const bytes = Buffer.alloc(4096);
  bytes.writeUInt16LE(0xef53, 1024 + 0x38);
  bytes.writeUInt32LE(2, 1024 + 0x18);
  bytes.writeUInt32LE(1, 1024 + 0x4c);
  return bytes;
}

function tar(name: string, payload: Uint8Array): Buffer {
  files.write(`tar/${name}`, payload);
  return execFileSync('tar', ['-cf', '-', '-C', `${files.folder}/tar`, name]);
}

describe('containers by magic', () => {
  test('with each first byte that they may have', () => {
    for (let low = 0; low < 16; low++)
      for (const [name, magic] of [
        ['zstd', '\x28\xb5\x2f\xfd\0\0'],
        ['lz4', '\x04\x22\x4d\x18\x60\x40\x82'],
        ['lz4-legacy', '\x02\x21\x4c\x18\x10\0\0\0'],
      ] as const) {
        const frame = Buffer.concat([skippable, latin(magic)]);
        frame[0] = 0x50 | low;
        expect(named(frame)).toBe(name);
      }
    for (let windowBits = 9; windowBits <= 15; windowBits++)
      expect(named(deflateSync(Buffer.alloc(4000, 'text '), { windowBits }))).toBe('zlib');
    for (let low = 2; low <= 7; low++)
      expect(named(Buffer.of(0x20 | low, 0xb5, 0x2f, 0xfd))).toBe('zstd-legacy');
  });

  test.each<[string, string, Uint8Array]>([
    ['gzip', 'gzip', latin('\x1f\x8b\x08\0\0\0\0\0\0\x03')],
    ['zstd', 'zstd', latin('\x28\xb5\x2f\xfd\0\0')],
    ['zstd after a skippable frame', 'zstd', Buffer.concat([skippable, latin('\x28\xb5\x2f\xfd\0\0')])],
    ['skippable frames alone', 'zstd', skippable],
    ['lz4', 'lz4', latin('\x04\x22\x4d\x18\x60\x40\x82')],
    [
      'legacy lz4 after a skippable frame',
      'lz4-legacy',
      Buffer.concat([skippable, latin('\x02\x21\x4c\x18')]),
    ],
    [
      'lz4 after skippable frames',
      'lz4',
      Buffer.concat([skippable, skippable, latin('\x04\x22\x4d\x18\x60')]),
    ],
    ['legacy lz4', 'lz4-legacy', latin('\x02\x21\x4c\x18\x10\0\0\0')],
    ['zstd 0.7', 'zstd-legacy', latin('\x27\xb5\x2f\xfd\0\0')],
    ['xz', 'xz', latin('\xfd7zXZ\0\0\x04')],
    ['bzip2', 'bzip2', latin('BZh91AY&SY')],
    ['empty bzip2', 'bzip2', latin('BZh9\x17rE8P\x90')],
    ['lzip', 'lzip', latin('LZIP\x01\x0c')],
    ['lzop', 'lzop', latin('\x89LZO\0\r\n\x1a\n')],
    ['framed snappy', 'snappy', latin('\xff\x06\0\0sNaPpY')],
    ['7z', '7z', latin("7z\xbc\xaf'\x1c\0\x04")],
    ['cab', 'cab', Buffer.concat([latin('MSCF\0\0\0\0'), Buffer.alloc(16), latin('\x03\x01')])],
    ['rar 4', 'rar', latin('Rar!\x1a\x07\0\xcf')],
    ['rar 5', 'rar', latin('Rar!\x1a\x07\x01\0')],
    ['deb', 'ar', latin('!<arch>\ndebian-binary   ')],
    ['apport', 'apport', latin('ProblemType: Crash\n')],
    ['apport from another key on', 'apport', latin('CoreDump: base64\n H4sICAAAAAAC')],
    ['gzip with another method', 'gzip-unknown', latin('\x1f\x8b\x07\0\0\0\0\0\0\x03')],
    ['gzip with reserved flags', 'gzip-unknown', latin('\x1f\x8b\x08\xe0\0\0\0\0\0\x03')],
    ['bzip2 of a bad level', 'bzip2-unknown', latin('BZh01AY&SY')],
    ['bzip2 with another first block', 'bzip2-unknown', latin('BZh9\xff\xff\xff\xff\xff\xff')],
    ['cab of another version', 'cab-unknown', Buffer.concat([latin('MSCF\0\0\0\0'), Buffer.alloc(28)])],
    [
      'a skippable frame before what is no frame',
      'skippable-frames',
      Buffer.concat([skippable, latin('other bytes')]),
    ],
    ['zlib', 'zlib', deflateSync(sample(5000))],
    ['framed brotli', 'brotli-framed', latin('\xce\xb2\xcf\x81\0\0')],
    ['lha', 'lha', latin('\x20\0-lh5-\0\0\0\0')],
    ['rpm', 'rpm', latin('\xed\xab\xee\xdb\x03\0')],
    ['wim', 'wim', latin('MSWIM\0\0\0\xd0')],
    ['vmdk', 'vmdk', latin('KDMV\x01\0\0\0')],
    ['vhdx', 'vhdx', latin('vhdxfileM\0')],
    ['vhd', 'vhd', latin('conectix\0\0')],
    ['vdi', 'vdi', Buffer.concat([Buffer.alloc(64, ' '), latin('\x7f\x10\xda\xbe\x01\0')])],
    ['dmg', 'dmg', Buffer.concat([Buffer.alloc(100), latin('koly'), Buffer.alloc(508)])],
    ['ext4', 'ext4', ext4()],
    ['ar', 'ar', latin('!<arch>\nfoo.o/          ')],
    ['cpio', 'cpio', latin(`070701${'0'.repeat(104)}`)],
    ['old cpio', 'cpio', latin(`070707${'1'.repeat(70)}`)],
    ['compress', 'compress', latin('\x1f\x9d\x90')],
    ['lzma', 'lzma', latin(`\x5d\0\0\x80\0${'\xff'.repeat(8)}\0`)],
    ['lzma with its length', 'lzma', latin('\x5d\0\0\x60\0\x10\x27\0\0\0\0\0\0\0')],
    ['xar', 'xar', latin('xar!\0\x1c\0\x01')],
    ['squashfs', 'squashfs', latin('hsqs\x01\0')],
    ['qcow2', 'qcow2', latin('QFI\xfb\0\0\0\x03')],
    ['a journal with fields in zstd', 'systemd-journal', latin('LPKSHHRH\0\0\0\0\x0c\0\0\0')],
    ['empty zip', 'zip', Buffer.concat([latin('PK\x05\x06'), Buffer.alloc(18)])],
    ['a short text in zlib', 'zlib', deflateSync('text')],
    ['zlib of stored blocks', 'zlib', deflateSync(sample(5000), { level: 0 })],
    ['damaged zlib', 'zlib', latin('x\x9c\xff\xff\xff\xff\xff\xff')],
    ['lzma of other properties', 'lzma', latin(`\0\0\0\x80\0${'\xff'.repeat(8)}\0`)],
    ['bzip2 with a damaged block', 'bzip2-unknown', latin('BZh91AX&SY\x80\0')],
    ['cab with reserved bytes', 'cab-unknown', latin('MSCF\x01\0\0\0')],
    ['cpio with a damaged digit', 'cpio', latin(`070701${'0'.repeat(50)}x${'0'.repeat(53)}`)],
    ['gzip behind zeros', 'prefixed', Buffer.concat([Buffer.alloc(5000), gzipSync('text')])],
    ['gzip behind a line feed', 'prefixed', Buffer.concat([latin('\n'), gzipSync('text')])],
    ['xz behind a mark', 'prefixed', latin('\xef\xbb\xbf\xfd7zXZ\0\0\x04')],
    ['bzip2 behind a script', 'prefixed', latin('#!/bin/sh\nexit\nBZh91AY&SY')],
    ['rar behind a program of DOS', 'prefixed', latin(`MZ\x40\0\x01\0${'\0'.repeat(100)}Rar!\x1a\x07\0`)],
    ['7z in a damaged program', 'prefixed', latin(`MZ${'\0'.repeat(100)}7z\xbc\xaf'\x1c`)],
  ])('%s', (_, name, bytes) => {
    expect(named(bytes)).toBe(name);
  });

  test.each<[string, Uint8Array]>([
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(2000)],
    ['ELF', latin('\x7fELF\x02\x01\x01')],
    ['one byte of gzip', latin('\x1f')],
    ['zlib that is none', latin('x\x9cand text, which cannot be inflated')],
    ['lzma of an odd dictionary', latin(`\x5d\0\x01\x80\0${'\xff'.repeat(8)}\0`)],
    ['digits', latin(`070701${'x'.repeat(104)}`)],
    ['BZh and text', latin('BZhang wrote this file')],
    ['PK and noise', Buffer.concat([latin('PK\x03\x04'), Buffer.alloc(40, 0xee)])],
    ['a journal without compressed fields', latin('LPKSHHRH\0\0\0\0\x04\0\0\0')],
    ['PK and nothing', latin('PK\x03\x04')],
    ['a log of July 2007', latin('070701 12:00:00 [Note] ready for connections\n'.repeat(5))],
    ['MSCF and text', latin('MSCF is a cabinet, as the standard says')],
    ['blank lines and BZh', latin('\n\n  BZhang wrote this file')],
    ['zeros and text', Buffer.concat([Buffer.alloc(3000), latin('text')])],
    ['gzip behind text', latin('text\n\x1f\x8b\x08\0\0\0\0\0\0\x03')],
    ['gzip behind a script with a NUL', latin('#!/bin/sh\n\0\n\x1f\x8b\x08\0')],
    ['lines of zeros', latin('0'.repeat(2048))],
    ['a program', readFileSync('/bin/true')],
    ['a program and what is no archive', Buffer.concat([readFileSync('/bin/true'), Buffer.alloc(99, 0xee)])],
    [
      'ustar without its checksum',
      Buffer.concat([Buffer.alloc(257), latin('ustar\x0000'), Buffer.alloc(300)]),
    ],
  ])('not %s', (_, bytes) => {
    expect(named(bytes)).toBeUndefined();
  });

  test('output of real programs', () => {
    const bytes = sample(5000);
    expect(named(program('xz', ['-c'], bytes))).toBe('xz');
    expect(named(program('bzip2', ['-c'], bytes))).toBe('bzip2');
    expect(named(program('lz4', ['-c'], bytes))).toBe('lz4');
    expect(named(program('lz4', ['-lc'], bytes))).toBe('lz4-legacy');
    expect(named(tar('core', bytes))).toBe('tar');
    files.write('zip/core', bytes);
    expect(named(execFileSync('zip', ['-q', '-', 'core'], { cwd: `${files.folder}/zip` }))).toBe('zip');
  });
});

describe('unpacking', () => {
  test('a container without a decoder is searched as stored, and all of it is unread', async () => {
    const bytes = Buffer.concat([latin('Rar!\x1a\x07\x01\0'), sample(5000)]);
    const all = await collect([files.write('core.rar', bytes)]);
    expect(all.artifacts).toHaveLength(1);
    expect(all.artifacts[0]).toMatchObject({
      container: 'rar',
      unread: [{ offset: 0, length: bytes.length, reason: expect.stringContaining('rar container') }],
      warnings: [{ code: 'container-not-unpacked', hint: expect.stringContaining('unrar p') }],
    });
    expect(all.artifacts[0]?.bytes.equals(bytes)).toBe(true);
  });

  test('members of archives are artifacts, and containers among them are decoded', async () => {
    const bytes = tar('core.gz', program('gzip', ['-nc'], Buffer.from('payload')));
    const path = files.write('a.tar', bytes);
    const { artifacts } = await collect([path]);
    expect(artifacts.map((each) => [each.path, each.container, each.unread])).toEqual([
      [path, 'tar', []],
      [`${path}!core.gz`, 'gzip', []],
      [`${path}!core.gz!core`, undefined, []],
    ]);
    expect(artifacts[2]?.bytes.toString()).toBe('payload');
    // What members hold is searched once.
    expect(artifacts[0]?.bytes.indexOf(artifacts[1]!.bytes)).toBe(-1);
    expect(artifacts[0]?.bytes.subarray(0, 512).equals(bytes.subarray(0, 512))).toBe(true);
  });

  test('containers within containers are named by their path, members by that of the file', async () => {
    const bytes = sample(100_000);
    const inner = program('gzip', ['-nc'], program('zstd', ['-qc'], tar('core', bytes)));
    const all = await collect([files.write('all.tar.zst.gz', inner)]);
    expect(
      all.artifacts.map(({ path, container }) => [path.replace(`${files.folder}/`, ''), container]),
    ).toEqual([
      ['all.tar.zst.gz', 'gzip'],
      ['all.tar.zst.gz!all.tar.zst', 'zstd'],
      ['all.tar.zst.gz!all.tar.zst!all.tar', 'tar'],
      ['all.tar.zst.gz!core', undefined],
    ]);
    expect(all.artifacts[3]?.bytes.equals(bytes)).toBe(true);
  });

  test('nesting deeper than eight is reported', async () => {
    let bytes: Buffer = Buffer.from('core');
    for (let i = 0; i < 9; i++) bytes = program('gzip', ['-nc'], bytes);
    const all = await collect([files.write('deep.gz', bytes)]);
    expect(all.artifacts).toHaveLength(9);
    expect(all.artifacts[8]).toMatchObject({
      container: 'gzip',
      unread: [{ offset: 0 }],
      warnings: [{ code: 'container-too-deep' }],
    });
  });

  test('a decompression bomb stops at the limit and is reported', async () => {
    const bytes = program('gzip', ['-nc'], Buffer.alloc(3_000_000, 'x'));
    const path = files.write('bomb.gz', bytes);
    const bounded = await collect([path], {}, { expansion: { granted: 1_000_000, ratio: 100 } });
    expect(bounded.artifacts[1]).toMatchObject({
      unread: [{ offset: 1_000_000, length: null }],
      warnings: [{ code: 'container-expands-too-far' }],
    });
    expect(bounded.artifacts[1]?.bytes.length).toBe(1_000_000);
    // The ratio counts from the outermost bytes, so nesting gains nothing.
    const nested = files.write('bomb.gz.gz', program('gzip', ['-nc'], bytes));
    const twice = await collect([nested], {}, { expansion: { granted: 1000, ratio: 100 } });
    const decoded = twice.artifacts.slice(1).map((each) => each.bytes.length);
    expect(decoded.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(100 * 1000);
    const whole = await collect([path], {}, { expansion: { granted: 1000, ratio: 1100 } });
    expect(whole.artifacts[1]).toMatchObject({ unread: [], warnings: [] });
  });

  test('zeros cost three eighths of other bytes', async () => {
    const path = files.write('zeros.gz', program('gzip', ['-nc'], Buffer.alloc(8 * 2 ** 20)));
    const granted = (bytes: number) => collect([path], {}, { expansion: { granted: bytes, ratio: 1 } });
    const [, whole] = (await granted(3 * 2 ** 20)).artifacts;
    expect(whole).toMatchObject({ unread: [], warnings: [] });
    const [, cut] = (await granted(3 * 2 ** 20 - 3)).artifacts;
    expect(cut).toMatchObject({ unread: [{ offset: 8 * 2 ** 20 - 8, length: null }] });
  });

  test('content beyond the memory is sealed; a spool that fails keeps what fitted', async () => {
    const bytes = sample(400_000);
    const path = files.write('big.zst', program('zstd', ['-qc'], bytes));
    const sealed = await collect([path], { spoolDir: files.folder }, { memory: 64 * 1024 });
    expect(sealed.artifacts[1]?.kind).toBe('sealed');
    expect(sealed.artifacts[1]?.bytes.equals(bytes)).toBe(true);
    const failed = await collect([path], { spoolDir: `${files.folder}/none` }, { memory: 256 * 1024 });
    const [, inner] = failed.artifacts;
    expect(inner?.warnings.map(({ code }) => code)).toEqual(['spool-failed']);
    expect(inner?.unread).toMatchObject([{ offset: inner?.bytes.length, length: null }]);
    expect(inner?.bytes.equals(bytes.subarray(0, inner.bytes.length))).toBe(true);
    expect(codes(failed)).toEqual([]);
  });
});

test('content is named like its container without the suffix, also with an exclamation mark', async () => {
  const once = program('gzip', ['-nc'], Buffer.from('within'));
  const path = files.write('a!b.gz.gz', program('gzip', ['-nc'], once));
  const { order } = await collect([path]);
  expect(order).toEqual([path, `${path}!a!b.gz`, `${path}!a!b.gz!a!b`]);
});
