import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import { vmwareState, windowsFull } from './build-machine-dumps.js';

function padded(magic: string | Buffer, length = 8192): Buffer {
  const bytes = Buffer.alloc(length);
  Buffer.from(magic as string, 'latin1').copy(bytes);
  return bytes;
}

const ENCODED: [name: string, bytes: Buffer][] = [
  ['kdump', padded('KDUMP   \x06')],
  ['kdump', padded('DISKDUMP\x06')],
  ['kdump-flattened', padded('makedumpfile\0')],
  ['avml', padded('AVML\x02\0\0\0')],
  ['avml', padded('AVML\x03\0\0\0')],
  ['lime', padded('EMiL\x02\0\0\0')],
  ['qemu-savevm', padded('QEVM\0\0\0\x03')],
  ['hiberfil', padded('HIBR\x02\0\0\0')],
  ['hiberfil', padded('wake\0\0\0\0')],
  ['hiberfil', padded('RSTR\0\0\0\0')],
  ['qemu-savevm', padded('QEVM\0\0\0\x04')],
  ['hiberfil', padded('hibr\x73\xc1\x88\xf0\0\0\0\0')],
  ['hiberfil', padded('HIBR\x01\0\0\0', 5001)],
  ['xen-save', padded('Xen saved domain, xl format\n \0 \r')],
  ['xen-save', padded('\xff\xff\xff\xff\xff\xff\xff\xffXENF')],
  [
    'android-tombstone',
    padded('*** *** *** *** *** *** *** *** *** *** *** *** *** *** *** ***\nBuild fingerprint:'),
  ],
  ['openj9-phd', padded('\0\x12portable heap dump')],
  ['dotnet-gcdump', padded('\x14\0\0\0!FastSerialization.1\x04')],
];

const PLAIN: [name: string, bytes: Buffer][] = [
  ['windows-kernel', windowsFull(64, [[1, 1]]).bytes],
  ['windows-kernel', windowsFull(32, [[1, 1]]).bytes],
  ['vmware-state', vmwareState().bytes],
  ['minidump', padded('MDMP\x94\xa7\0\0')],
  ['hprof', padded('JAVA PROFILE 1.0.4\0')],
  ['criu-image', padded('\x19\x43\x56\x54')],
];

describe('a format without a reader', () => {
  test.each(ENCODED)('%s with an encoded payload is unread', (name, bytes) => {
    const dump = openDump(bufferReader(bytes));
    expect(dump.format).toBe(name);
    expect(dump.unread).toMatchObject([{ offset: 0, length: bytes.length }]);
    expect(dump.warnings).toMatchObject([{ code: 'format-not-decoded', offset: 0, length: bytes.length }]);
    expect(dump.warnings[0]!.hint).toBeTruthy();
  });

  test.each(PLAIN)('%s whose payload is plain is swept, with a warning', (name, bytes) => {
    const dump = openDump(bufferReader(bytes));
    expect(dump.format).toBe(name);
    expect(dump.unread).toEqual([]);
    expect(dump.warnings).toMatchObject([{ code: 'format-not-parsed' }]);
    expect(dump.locate(100)).toEqual({ region: { kind: 'unknown' } });
    expect([...dump.seams()]).toEqual([]);
  });

  test.each([...ENCODED, ...PLAIN])('%s is recognised by its magic, also if truncated', (_name, bytes) => {
    for (let length = 0; length < 40; length++) {
      expect(() => openDump(bufferReader(bytes.subarray(0, length)))).not.toThrow();
    }
  });
});

describe('raw', () => {
  test.each([
    ['an empty file', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(5000)],
    ['a text that begins like a hibernation file', padded('wake up, it is late')],
    ['a text that begins like a minidump', Buffer.from('MDMP is the magic of a minidump, they say.')],
    ['the log of NTFS', padded('RSTR\x1e\0\x09\0\0\0\0\0')],
    ['a text that begins like a QEMU state', padded('QEVM states are streams')],
    ['a Mach-O executable', padded('\xcf\xfa\xed\xfe\x07\0\0\x01\x03\0\0\0\x02\0\0\0')],
    ['a binary that holds the microdump marker', padded('\x01\x02-----BEGIN BREAKPAD MICRODUMP-----\n')],
    ['an ELF magic and no more', Buffer.from('\x7fELF')],
  ])('is %s', (_name, bytes) => {
    const dump = openDump(bufferReader(bytes));
    expect(dump).toMatchObject({ format: 'raw', segments: [], process: {}, unread: [], warnings: [] });
    expect(dump.locate(0)).toEqual({ region: { kind: 'unknown' } });
  });
});
