import { spawnSync } from 'node:child_process';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { Writer } from '../../test/formats/build-elf.js';
import { zstdOf } from './forms.js';

/** Members of an archive by name. */
type Members = Readonly<Record<string, Buffer>>;

/** POSIX ustar with fixed times and owners. */
function tar(members: Members): Buffer {
  const blocks = Object.entries(members).map(([name, bytes]) => {
    const head = Buffer.alloc(512);
    const field = (at: number, text: string) => head.write(text, at, 'latin1');
    field(0, name);
    field(100, '0000644\0' + '0000000\0' + '0000000\0');
    field(124, `${bytes.length.toString(8).padStart(11, '0')}\0`);
    field(136, '14000000000\0');
    field(148, '        ');
    field(156, '0');
    field(257, 'ustar\x0000');
    const sum = head.reduce((all, byte) => all + byte, 0);
    field(148, `${sum.toString(8).padStart(6, '0')}\0 `);
    return Buffer.concat([head, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A ZIP archive (APPNOTE.TXT), its members stored and deflated by turns. */
function zip(members: Members): Buffer {
  const file = new Writer('le');
  const directory = new Writer('le');
  let offset = 0;
  for (const [i, [name, bytes]] of Object.entries(members).entries()) {
    const method = i % 2 === 0 ? 0 : 8;
    const data = method === 0 ? bytes : deflateRawSync(bytes);
    const common = new Writer('le')
      .u16(20, 0, method, 0, 0x5c21)
      .u32(crc32(bytes), data.length, bytes.length)
      .u16(name.length, 0)
      .done();
    file.raw('PK\x03\x04').raw(common).raw(name).raw(data);
    directory.raw('PK\x01\x02').u16(20).raw(common).u16(0, 0, 0).u32(0, offset).raw(name);
    offset += 30 + name.length + data.length;
  }
  const central = directory.done();
  const count = Object.keys(members).length;
  const end = new Writer('le').raw('PK\x05\x06').u16(0, 0, count, count).u32(central.length, offset).u16(0);
  return Buffer.concat([file.done(), central, end.done()]);
}

/** The archive of ar(5). */
function ar(members: Members): Buffer {
  const all = Object.entries(members).map(([name, bytes]) => {
    const columns = [`${name}/`.padEnd(16), '0'.padEnd(12), '0'.padEnd(6), '0'.padEnd(6), '100644'.padEnd(8)];
    const head = Buffer.from(`${columns.join('')}${String(bytes.length).padEnd(10)}\`\n`);
    return Buffer.concat([head, bytes, Buffer.alloc(bytes.length % 2, '\n')]);
  });
  return Buffer.concat([Buffer.from('!<arch>\n'), ...all]);
}

/** Programs whose output is a container, each from standard input to standard output. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'core.xz': ['xz', '-T1', '-6', '-c'],
  'core.bz2': ['bzip2', '-9', '-c'],
  'core.lz4': ['lz4', '-1', '-c'],
  'core.zst': ['zstd', '-3', '--single-thread', '-q', '-c'],
};

function packed(command: readonly string[], bytes: Buffer): Buffer | undefined {
  const [program = '', ...args] = command;
  const { status, stdout } = spawnSync(program, args, { input: bytes, maxBuffer: 1 << 28 });
  return status === 0 ? stdout : undefined;
}

/** Containers that are made here, and those of installed programs; undefined for one that is missing. */
export function containers(core: Buffer, other: Buffer): Record<string, Buffer | undefined> {
  const members = { 'a.core': core, 'b.raw': other };
  return {
    'core.gz': gzipSync(core),
    'core of raw blocks.zst': zstdOf(core),
    'cores.tar': tar(members),
    'cores.tar.gz': gzipSync(tar(members)),
    'cores.zip': zip({ ...members, 'c.gz': gzipSync(other), 'd.core': core }),
    'cores.a': ar(members),
    'cut.gz': gzipSync(core).subarray(0, -100),
    ...Object.fromEntries(Object.entries(PROGRAMS).map(([name, command]) => [name, packed(command, core)])),
  };
}
