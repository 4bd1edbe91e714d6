import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import type { Scanner } from '../../src/index.js';
import { PYTHON } from '../support/programs.js';

/**
 * Containers by real tools with a secret in a member, changed in named fields of their headers: the secret
 * is found, or the exit status says that not everything was searched.
 */

/** Bytes of a container. */
interface Field {
  at: number;
  length: number;
}

export interface PlantedKind {
  name: string;
  /** A shell command, or a program of Python, that writes OUT in a folder with `secret` and `other`. */
  shell?: string;
  python?: string;
  /** Fields that are changed, by the bytes of the container. */
  fields(bytes: Buffer): Field[];
}

const every = (bytes: Buffer, magic: string, fields: readonly [at: number, length: number][]): Field[] => {
  const found: Field[] = [];
  for (let at = bytes.indexOf(magic, 0, 'latin1'); at >= 0; at = bytes.indexOf(magic, at + 1, 'latin1'))
    for (const [from, length] of fields) found.push({ at: at + from, length });
  return found;
};

const fixed =
  (...fields: readonly [at: number, length: number][]) =>
  (): Field[] =>
    fields.map(([at, length]) => ({ at, length }));

/** Flags, method, sum, sizes and names, in local headers and in the directory; the end record. */
const zipFields = (bytes: Buffer): Field[] => [
  ...every(bytes, 'PK\x03\x04', [
    [6, 4],
    [14, 14],
    [30, 5],
  ]),
  ...every(bytes, 'PK\x01\x02', [
    [8, 4],
    [16, 14],
    [42, 9],
  ]),
  ...every(bytes, 'PK\x05\x06', [[4, 18]]),
];

const tarFields = (bytes: Buffer): Field[] =>
  every(bytes, 'ustar', [
    [-257, 20],
    [-133, 12],
    [-109, 9],
    [-101, 1],
  ]);

const lzmaKind = (lc: number, lp: number, pb: number): PlantedKind => ({
  name: `lzma, lc=${lc} lp=${lp} pb=${pb}`,
  shell: `xz --format=lzma --lzma1=lc=${lc},lp=${lp},pb=${pb} -c secret >OUT`,
  fields: fixed([0, 1]),
});

const ZIP = 'import zipfile; z = zipfile.ZipFile("OUT", "w", METHOD); ';
const zipped = (method: string, more = ''): string =>
  `${ZIP}z.write("other"); z.write("secret"); ${more}z.close()`.replace('METHOD', `zipfile.ZIP_${method}`);
const prefix = (bytes: string, rest: string): string => `(printf '${bytes}'; ${rest}) >OUT`;
const zeros = (count: number, rest: string): string => `(head -c ${count} /dev/zero; ${rest}) >OUT`;
const BIN = 'gzip -n other secret; (echo other.gz; echo secret.gz) | cpio -o --quiet -H bin';

export const PLANTED: readonly PlantedKind[] = [
  {
    name: 'Apport, base64 of gzip',
    python:
      'import gzip, base64; d = gzip.compress(open("secret", "rb").read());' +
      'open("OUT", "w").write("ProblemType: Crash\\nCoreDump: base64\\n" + "".join(' +
      '" " + base64.b64encode(d[i:i+300]).decode() + "\\n" for i in range(0, len(d), 300)) + "End: x\\n")',
    fields: fixed([20, 17], [37, 400]),
  },
  {
    name: 'Apport, no base64',
    python:
      'd = open("secret").read().replace("\\n", "");' +
      'open("OUT", "w").write("ProblemType: Crash\\nCoreDump: base64\\n " + d + "\\nEnd: x\\n")',
    fields: fixed([20, 17], [37, 400]),
  },
  { name: 'tar', shell: 'tar -cf OUT other secret', fields: tarFields },
  {
    name: 'tar, compressed members',
    shell: 'gzip -n other secret; tar -cf OUT other.gz secret.gz',
    fields: tarFields,
  },
  {
    name: 'tar, long names',
    shell: 'mkdir -p $(printf "%0150d" 1); gzip -n secret; mv secret.gz 0*1/; tar -cf OUT other 0*1',
    fields: tarFields,
  },
  {
    name: 'tar, pax',
    shell:
      'mkdir -p $(printf "%0150d" 1); gzip -n secret; mv secret.gz 0*1/;' +
      'tar --format=posix -cf OUT other 0*1',
    fields: tarFields,
  },
  ...['g', 'x', 'X', 'K', 'L'].map((type) => ({
    name: `tar, a file of type ${type}`,
    python:
      'import tarfile, gzip, io; d = gzip.compress(open("secret", "rb").read());' +
      `i = tarfile.TarInfo("secret.gz"); i.size = len(d); i.type = b"${type}";` +
      't = tarfile.open("OUT", "w"); t.addfile(i, io.BytesIO(d)); t.add("other"); t.close()',
    fields: tarFields,
  })),
  {
    name: 'tar, first block damaged',
    shell: 'gzip -n other secret; tar -cf OUT other.gz secret.gz',
    fields: fixed([0, 100], [100, 56], [257, 8], [0, 512]),
  },
  {
    name: 'tar, first block zero',
    shell:
      'gzip -n other secret; tar -cf OUT other.gz secret.gz;' +
      'dd if=/dev/zero of=OUT count=1 conv=notrunc status=none',
    fields: tarFields,
  },
  { name: 'tar behind a block of zeros', shell: zeros(512, 'tar -cf - other secret'), fields: tarFields },
  { name: 'zip', python: zipped('DEFLATED'), fields: zipFields },
  { name: 'zip, stored', python: zipped('STORED'), fields: zipFields },
  { name: 'zip, bzip2', python: zipped('BZIP2'), fields: zipFields },
  { name: 'zip by zip -fd', shell: 'zip -q -fd OUT.zip other secret; mv OUT.zip OUT', fields: zipFields },
  {
    name: 'zip behind a program, with a comment',
    shell:
      `${PYTHON} -c '${zipped('DEFLATED', 'z.comment = b"c" * 3000; ')}' && ` +
      'mv OUT in.zip && (cat /bin/true in.zip) >OUT',
    fields: zipFields,
  },
  {
    name: 'zip between other bytes',
    shell: 'zip -q in.zip other secret; (echo front; cat in.zip; head -c 4000 /dev/zero) >OUT',
    fields: zipFields,
  },
  { name: 'zip, directory in front', python: directoryFirst(), fields: zipFields },
  ...[
    [3, 0, 2],
    [0, 0, 0],
    [4, 0, 0],
    [0, 4, 4],
    [1, 3, 1],
    [2, 2, 4],
  ].map(([lc, lp, pb]) => lzmaKind(lc!, lp!, pb!)),
  { name: 'lzma, lc=8 lp=4 pb=4', python: lzmaOf7z(8, 4, 4), fields: fixed([0, 1]) },
  {
    name: 'zlib, stored blocks',
    python: 'import zlib; open("OUT", "wb").write(zlib.compress(open("secret", "rb").read(), 0))',
    fields: fixed([2, 5]),
  },
  {
    name: 'zlib, a short text',
    python: 'import zlib; open("OUT", "wb").write(zlib.compress(open("secret", "rb").read()[-60:], 9))',
    fields: fixed([2, 3]),
  },
  { name: 'gzip behind zeros', shell: zeros(700, 'gzip -nc secret'), fields: fixed([703, 7]) },
  { name: 'gzip behind a line feed', shell: prefix('\\n', 'gzip -nc secret'), fields: fixed([4, 7]) },
  { name: 'xz behind line ends', shell: prefix('\\r\\n', 'xz -c secret'), fields: fixed([8, 16]) },
  {
    name: '7z behind a program',
    shell: '7z a -bd in.7z secret >/dev/null && cat /bin/true in.7z >OUT',
    fields: (bytes) => every(bytes, "7z\xbc\xaf'", [[6, 26]]),
  },
  {
    name: 'gzip behind a script',
    shell: `(printf '#!/bin/sh\\ntail -n +3 "$0" | zcat\\nexit\\n'; gzip -nc secret) >OUT`,
    fields: (bytes) => every(bytes, '\x1f\x8b', [[3, 7]]),
  },
  { name: 'cpio, bin', shell: `${BIN} >OUT`, fields: fixed([2, 24], [26, 6]) },
  {
    name: 'cpio, bin, other byte order',
    shell: `${BIN} | dd conv=swab status=none >in && ${PYTHON} -c '${swapped()}'`,
    fields: fixed([2, 24], [26, 6]),
  },
  {
    name: 'cpio, newc, compressed members',
    shell: 'gzip -n other secret; (echo other.gz; echo secret.gz) | cpio -o --quiet -H newc >OUT',
    fields: (bytes) => every(bytes, '070701', [[6, 104]]),
  },
  {
    name: 'cpio, odc, compressed members',
    shell: 'gzip -n other secret; (echo other.gz; echo secret.gz) | cpio -o --quiet -H odc >OUT',
    fields: (bytes) => every(bytes, '070707', [[6, 70]]),
  },
  {
    name: 'bzip2',
    python: 'import bz2; open("OUT", "wb").write(bz2.compress(open("secret", "rb").read()))',
    fields: fixed([3, 11]),
  },
  { name: 'cab', shell: 'gcab -cz OUT other secret >/dev/null', fields: fixed([4, 120]) },
  { name: 'cab, stored', shell: 'gcab -c OUT other secret >/dev/null', fields: fixed([4, 120]) },
];

/** As Firefox has its archives: the directory is read without a seek. */
function directoryFirst(): string {
  return [
    zipped('DEFLATED'),
    'import struct; b = open("OUT", "rb").read(); at = b.rfind(b"PK\\x05\\x06")',
    'size, start = struct.unpack("<II", b[at+12:at+20]); d = bytearray(b[start:at]); p = 0',
    'while p < size:',
    ' d[p+42:p+46] = struct.pack("<I", struct.unpack("<I", d[p+42:p+46])[0] + size)',
    ' p += 46 + sum(struct.unpack("<HHH", d[p+28:p+34]))',
    'open("OUT", "wb").write(bytes(d) + b[:start] + b[at:at+16] + bytes(4) + b[at+20:])',
  ].join('\n');
}

/** The stream of a 7z archive as .lzma: xz writes no more than lc + lp = 4. */
function lzmaOf7z(lc: number, lp: number, pb: number): string {
  return [
    'import subprocess, struct, os',
    `method = "-m0=LZMA:lc=${lc}:lp=${lp}:pb=${pb}"`,
    'subprocess.run(["7z", "a", "-bd", "-mhc=off", method, "in.7z", "secret"], stdout=subprocess.DEVNULL)',
    'b = open("in.7z", "rb").read(); end = 32 + struct.unpack("<Q", b[12:20])[0]',
    'at = b.index(b"\\x23\\x03\\x01\\x01\\x05", end) + 5',
    'head = b[at:at+5] + struct.pack("<Q", os.path.getsize("secret"))',
    'open("OUT", "wb").write(head + b[32:end])',
  ].join('\n');
}

/** Swaps names and contents once more: they have their own order, whatever that of the header is. */
function swapped(): string {
  return [
    'import struct; b = open("in", "rb").read(); out = b""; at = 0',
    'while at + 26 <= len(b):',
    ' h = struct.unpack(">13H", b[at:at+26]); n = h[10] + h[10] % 2; s = h[11] * 65536 + h[12]',
    ' s += s % 2',
    ' if h[0] != 0o70707: break',
    ' body = b[at+26:at+26+n+s]',
    ' out += b[at:at+26] + b"".join(body[i:i+2][::-1] for i in range(0, len(body), 2)); at += 26 + n + s',
    'open("OUT", "wb").write(out)',
  ].join('\n');
}

const random = new SeededRandom('planted');

/** A secret: text with a token, of which compression leaves nothing readable. */
const TOKEN = githubToken(random);
const words = Array.from({ length: 200 }, () => random.text(6, 'abcdefghijklmnopqrstuvwxyz'));
const text = (count: number): string =>
  Array.from({ length: count }, () => words[random.bytes(1)[0]! % words.length]).join(' ');
const SECRET = `${text(300)}\n${text(20)} ${TOKEN} ${text(20)}\n${TOKEN}\n`;

const made = new Map<PlantedKind, Buffer>();

/** A container as its tools write it: a copy. */
export function plant(kind: PlantedKind): Buffer {
  const bytes = made.get(kind) ?? make(kind);
  made.set(kind, bytes);
  return Buffer.from(bytes);
}

function make({ shell, python }: PlantedKind): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-test-'));
  try {
    writeFileSync(join(folder, 'secret'), SECRET);
    writeFileSync(join(folder, 'other'), text(100));
    const command = python === undefined ? ['sh', ['-c', shell!]] : [PYTHON, ['-c', python]];
    execFileSync(command[0] as string, command[1] as string[], { cwd: folder });
    return readFileSync(join(folder, 'OUT'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a scan says of bytes. One of both must be: the secret is found, or not everything was searched. */
export async function scanned(
  scanner: Scanner,
  bytes: Uint8Array,
): Promise<{ isFound: boolean; isIncomplete: boolean }> {
  let isFound = false;
  let isIncomplete = false;
  for await (const event of scanner.scan({ name: 'planted', bytes })) {
    if (event.type === 'finding') isFound ||= event.ruleId === 'github-token';
    if (event.type === 'summary') isIncomplete = !event.complete;
  }
  return { isFound, isIncomplete };
}

/** Changes of a container after which the secret is neither found nor anything reported. */
export async function missed(scanner: Scanner, kind: PlantedKind, count: number): Promise<string[]> {
  const changes: string[] = [];
  for (const { change, bytes } of mutants(kind, plant(kind), count)) {
    const { isFound, isIncomplete } = await scanned(scanner, bytes);
    if (!isFound && !isIncomplete) changes.push(change);
  }
  return changes;
}

interface Mutant {
  change: string;
  bytes: Buffer;
}

/** Containers with one or two bytes of a named field changed, mostly to values that fields do have. */
function* mutants(kind: PlantedKind, whole: Buffer, count: number): Generator<Mutant> {
  const chance = new SeededRandom(`mutants of ${kind.name}`);
  const number = (below: number): number => chance.bytes(4).readUInt32LE() % below;
  const fields = kind.fields(whole);
  for (let i = 0; i < count; i++) {
    const bytes = Buffer.from(whole);
    const { at, length } = fields[number(fields.length)]!;
    const changed: string[] = [];
    for (let left = 1 + number(2); left > 0; left--) {
      const place = Math.min(bytes.length - 1, Math.max(0, at + number(length)));
      const old = bytes[place]!;
      bytes[place] = [0, 1, 8, 0x30, 0x35, 0x67, 0x78, 0xff, old ^ (1 << number(8)), number(256)][
        number(10)
      ]!;
      changed.push(`${place}: ${old} to ${bytes[place]}`);
    }
    yield { change: changed.join(', '), bytes };
  }
}
