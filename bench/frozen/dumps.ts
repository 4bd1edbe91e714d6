import { ed25519Key, pkcs8Pem } from '../../fixtures/keys.js';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { buildElfCore, prpsinfo, prstatus, registers, Writer } from '../../test/formats/build-elf.js';
import { HprofBuilder } from '../../test/formats/build-hprof.js';
import { ints, MachoBuilder } from '../../test/formats/build-macho.js';
import { type ArchitectureName, memory64List, STREAM } from '../../test/formats/build-minidump.js';
import { buildSnapshot } from '../../test/formats/build-snapshot.js';
import { BuiltProcess } from '../../test/redact/built-core.js';
import { built } from '../../test/redact/built-minidump.js';
import { parts } from '../../test/search/harness.js';
import { heapOf, LAYOUTS } from '../../test/search/memory.js';
import { ecFrom, rsaFrom } from '../../test/search/seeded.js';

/** What a process holds: a key as PEM, a token in text, a bare RSA key and a bare scalar. */
interface Held {
  pem: Buffer;
  token: string;
  heap: Buffer;
}

function held(name: string): Held {
  const random = new SeededRandom(`frozen dump ${name}`);
  const pem = Buffer.from(pkcs8Pem(ed25519Key(random)));
  const token = githubToken(random);
  const { p, q, n } = parts(rsaFrom('frozen dumps', 2048));
  const { d, x, y } = ecFrom('frozen dumps', 'P-256', 'prime256v1', 32);
  const numbers = [p, q, n, d, x, y].map((value) => LAYOUTS['limbs-le']!(value!));
  const chunks = [pem, Buffer.from(`GITHUB_TOKEN=${token}\0`), ...numbers];
  return { pem, token, heap: heapOf(`frozen dump ${name}`, chunks, 2) };
}

/** A core of a made-up process, with all that a debugger reads. */
function process(name: string, layout: 'kernel' | 'gcore'): Buffer {
  const { heap } = held(name);
  return new BuiltProcess(`frozen ${name}`).core((spec) => ({
    ...spec,
    layout,
    segments: [...spec.segments, { vaddr: 0x600_0000n, bytes: heap }],
  })).bytes;
}

/** A small core of a machine, whose heap is split by a seam in the middle of a key. */
function core(bits: 32 | 64, endian: 'le' | 'be', machine: number): Buffer {
  const { heap } = held(`${bits} ${endian}`);
  const kind = { bits, endian };
  const state = registers(endian, bits === 64 ? 8 : 4, 17, 15, 0x7000_0100n);
  const notes = [prstatus(kind, 7, 11, state), prpsinfo(kind, 7, 'server', 'server --listen')];
  const half = 2048 + 700;
  const segments = [
    { vaddr: 0x10_0000n + BigInt(half), bytes: heap.subarray(half) },
    { vaddr: 0x10_0000n, bytes: heap.subarray(0, half) },
    { vaddr: 0x7000_0000n, bytes: Buffer.alloc(4096, 'stack '), memsz: 8192 },
  ];
  return buildElfCore({ bits, endian, machine, notes, segments }).bytes;
}

function minidump(architecture: ArchitectureName): Buffer {
  const { heap } = held(`minidump ${architecture}`);
  const { file } = built(architecture);
  const rva = file.put(heap);
  const range = { address: 0x60_0000n, size: heap.length };
  return file.stream(STREAM.memory64, memory64List(rva, [range])).done();
}

/** Types of HPROF: byte, int, long. */
const [BYTE, INT, LONG] = [8, 10, 11] as const;

function hprof(idSize: 4 | 8): Buffer {
  const { pem, token } = held(`hprof ${idSize}`);
  const b = new HprofBuilder(idSize);
  const { p, q, n } = parts(rsaFrom('frozen dumps', 2048));
  b.loadClass({ id: 0x500, name: 'com/example/Holder' });
  b.classDump({ id: 0x500, name: 'com/example/Holder', fields: { key: 2, count: INT } });
  b.instance(0x600, 0x500, Buffer.concat([b.id(0x1000), b.u4(3)]));
  b.primitiveArray(0x900, BYTE, Buffer.alloc(64, 'text of a class '));
  for (const [i, value] of [p, q, n].entries()) {
    b.primitiveArray(0x1000 + i, INT, value!);
    b.primitiveArray(0x1100 + i, LONG, new SeededRandom(`array ${i}`).bytes(128));
  }
  const limbs = parts(rsaFrom('frozen limbs', 2048));
  for (const [i, value] of [limbs.q, limbs.n, limbs.p].entries())
    b.primitiveArray(0x1800 + i, LONG, Buffer.from(value!).reverse().swap64());
  b.primitiveArray(0x2000, BYTE, pem);
  b.primitiveArray(0x2001, BYTE, Buffer.from(`GITHUB_TOKEN=${token}`));
  b.objectArray(0x3000, 0x500, [0x600, 0x1000, 0]);
  b.heap();
  return b.done();
}

function macho(): Buffer {
  const { heap } = held('macho');
  const words = Buffer.alloc(168);
  ints('le', [8, 0x7000_0100n]).copy(words, 56);
  return new MachoBuilder({ bits: 64, order: 'le', cputype: 0x0100_0007 })
    .thread({ flavor: 4, words })
    .segment(0x1000n, heap)
    .segment(0x7000_0000n, Buffer.alloc(8192, 'stack '))
    .done();
}

function lime(): Buffer {
  const { heap } = held('lime');
  const file = new Writer('le');
  const ranges: [bigint, Buffer][] = [
    [0x1000n, heap.subarray(0, 4096)],
    [0x10_0000n, heap.subarray(4096)],
  ];
  for (const [address, bytes] of ranges)
    file
      .raw('EMiL')
      .u32(1)
      .u64(address, address + BigInt(bytes.length) - 1n)
      .zeros(8)
      .raw(bytes);
  return file.done();
}

function microdump(): Buffer {
  const { token, pem } = held('microdump');
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(16, '0');
  const start = 0x7f_e2ba_6000;
  const stack = Buffer.alloc(4096);
  stack.write(token, 1000, 'latin1');
  pem.copy(stack, 2000);
  const rows = Array.from({ length: Math.ceil(stack.length / 384) }, (_, i) => {
    const bytes = stack.subarray(i * 384, (i + 1) * 384);
    return `S ${hex(start + i * 384)} ${bytes.toString('hex').toUpperCase()}`;
  });
  const all = [
    '-----BEGIN BREAKPAD MICRODUMP-----',
    `S 0 ${hex(start + 16)} ${hex(start)} ${hex(stack.length)}`,
    ...rows,
    '-----END BREAKPAD MICRODUMP-----',
  ];
  return Buffer.from(all.map((line) => `08-17 19:45:06.579 F/google-breakpad(25655): ${line}\n`).join(''));
}

function snapshot(): Buffer {
  const { token, pem } = held('snapshot');
  return Buffer.from(
    buildSnapshot({
      nodes: [
        { type: 'synthetic', name: '(GC roots)' },
        { type: 'object', name: 'Server' },
        { type: 'string', name: `GITHUB_TOKEN=${token}` },
        { type: 'string', name: pem.toString() },
      ],
      edges: [{ type: 'property', name: 'token' }],
      functions: [{ name: 'listen', script: 'server.js' }],
      others: ['a text that nothing refers to'],
    }),
  );
}

/** Formats that are known and not parsed, by their first bytes. */
const RECOGNISED: Readonly<Record<string, string>> = {
  kdump: 'KDUMP   \x06',
  avml: 'AVML\x02\0\0\0',
  hiberfil: 'HIBR\x02\0\0\0',
  'windows-kernel': 'PAGEDU64',
  'criu-image': '\x19\x43\x56\x54',
};

function recognised(name: string): Buffer {
  const { heap } = held(name);
  return Buffer.concat([Buffer.from(RECOGNISED[name]!.padEnd(4096, '\0'), 'latin1'), heap]);
}

/** Dumps of every format that the builders know. */
export function dumps(): Record<string, Buffer> {
  return {
    raw: held('raw').heap,
    'elf 64 le, as kernels write it': process('kernel', 'kernel'),
    'elf 64 le, as gcore writes it': process('gcore', 'gcore'),
    'elf 64 be': core(64, 'be', 22),
    'elf 32 le': core(32, 'le', 3),
    'elf 32 be': core(32, 'be', 8),
    'elf 64 le, cut': process('cut', 'kernel').subarray(0, 40_000),
    ...Object.fromEntries(
      (['amd64', 'arm64', 'x86', 'arm'] as const).map((name) => [`minidump ${name}`, minidump(name)]),
    ),
    'hprof 8': hprof(8),
    'hprof 4': hprof(4),
    macho: macho(),
    lime: lime(),
    microdump: microdump(),
    snapshot: snapshot(),
    ...Object.fromEntries(Object.keys(RECOGNISED).map((name) => [name, recognised(name)])),
    empty: Buffer.alloc(0),
    zeros: Buffer.alloc(65_536),
  };
}
