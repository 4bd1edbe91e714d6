import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { pkcs8Pem, rsaKey } from '../../fixtures/keys.js';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { openMask } from '../../src/api/mask.js';
import { runCli } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { formsOf } from './printed/forms.js';

/** A prime of 1,024 bits of a key that is proven, and a token, as many programs print them. */
const random = new SeededRandom('printed forms');
const key = rsaKey(random);
const prime = Buffer.from(key.export({ format: 'jwk' }).p!, 'base64url');
const SECRETS: Readonly<Record<string, Buffer>> = {
  'a prime': prime,
  'a little-endian prime': Buffer.from(prime).reverse(),
  'a token': Buffer.from(githubToken(random)),
};

/** Forms of numbers alone: text is not written from its last byte on. */
const NUMBERS = [
  'hex le',
  'hex le, upper case',
  'base64 le',
  'base64url le',
  'hex le in UTF-16',
  'base64 le in UTF-16',
];
const NUMBER_FORMS = new Set(NUMBERS);
const TEXTS = [
  ...NUMBERS,
  ...['C words, U', 'C words, UL', 'C words, ULL', 'C words, LL, big-endian', 'C decimal words, UL'],
  ...['BigInt literals', 'JSON object by index', 'inspected object by index', 'PHP print_r'],
  ...['decimal words of 64 bits', 'decimal words of 64 bits, big-endian', 'signed words of 64 bits'],
  ...['decimal words of 32 bits', 'signed words of 32 bits', 'decimal words of 64 bits in UTF-16'],
  ...['base32', 'base32, lower case, in a text', 'base32 in UTF-16', 'ascii85', 'ascii85 of Adobe'],
  ...['uuencode', 'uuencode with spaces, CRLF'],
  ...['base64 of zlib', 'base64 of zlib, best', 'base64 of zlib, fast', 'base64 of gzip'],
  ...['hex of zlib', 'hex of gzip', 'hex of gzip, upper case'],
  ...['lldb memory read', 'WinDbg db', 'kernel log', 'kernel log in JSON'],
  ...['hexdump', 'hexdump -C', 'hexdump -b', 'hexdump -c', 'hexdump -C in UTF-16'],
  ...['od', 'od -b', 'od -c', 'od -tx1', 'od -A x -t x1z', 'od -tx8', 'od -td4', 'od -tu8'],
  ...['od -c in UTF-16', 'xxd', 'xxd -b', 'xxd -e', 'xxd -e -g 8', 'xxd -i'],
];
const GDB = ['bx', 'bd', 'bo', 'c', 'hx', 'wx', 'wd', 'gx', 'gu'].map((format) => `gdb x/${format}`);
const FORMS = [...TEXTS, ...GDB, ...GDB.map((name) => `${name} with symbols`)];
/** Characters of a form that encode no secret. */
const HEADERS: Readonly<Record<string, number>> = {
  uuencode: 'begin 644 secret\n`\nend\n'.length,
  'uuencode with spaces, CRLF': 'begin 644 secret\n`\r\nend\n'.length,
  'kernel log': '[ 12.345678] keyblob: '.length,
};
/** Characters that may be left in a row: a header, an address, a part that is shorter than what is filled. */
const MOST_LEFT = 48;
/** Share of the characters of a text that is filled or masked at least. */
const LEAST_SHARE = 0.75;

interface Cell {
  text: Buffer;
  /** Offset in the dump. */
  at: number;
}

const textOf = (name: string, bytes: Buffer): string =>
  bytes.toString(name.endsWith('in UTF-16') ? 'utf16le' : 'latin1');

const cells = new Map<string, Cell>();
let copy: Buffer;
let masked: ReadonlyMap<string, string>;

/** Memory that tells the parts of a dump apart. */
const GAP = Buffer.concat([Buffer.of(0, 0, 1), Buffer.alloc(61, 0xee), Buffer.of(1, 0)]);

async function redactAndMask(folder: string): Promise<void> {
  const [dump, filled, pem, token] = ['dump', 'copy', 'key.pem', 'token'].map((name) => join(folder, name));
  const parts = [Buffer.from(pkcs8Pem(key)), GAP, SECRETS['a token']!, GAP];
  let length = Buffer.concat(parts).length;
  for (const [secret, bytes] of Object.entries(SECRETS))
    for (const [name, text] of Object.entries(await formsOf(bytes))) {
      cells.set(`${secret} as ${name}`, { text, at: length });
      parts.push(text, GAP);
      length += text.length + GAP.length;
    }
  writeFileSync(dump!, Buffer.concat(parts));
  writeFileSync(pem!, pkcs8Pem(key));
  writeFileSync(token!, SECRETS['a token']!);
  const run = await runCli(['redact', dump!, '-o', filled!, '--quiet']);
  expect(run).toMatchObject({ status: 0, stderr: '' });
  expect(await runCli(['scan', '--strict', '--quiet', filled!])).toMatchObject({ status: 0 });
  copy = readFileSync(filled!);
  const mask = await openMask({ files: [pem!, token!] });
  masked = new Map([...cells].map(([name, { text }]) => [name, mask(textOf(name, text))]));
}

/** Characters of a text that are left in the copy: all, and the most in a row. */
function leftOf({ text, at }: Cell, header: number): { share: number; longest: number } {
  let [all, left, row, longest] = [0, 0, 0, 0];
  for (const [index, byte] of text.entries()) {
    if (byte === 0) continue;
    all++;
    row = copy[at + index] === 0 ? 0 : row + 1;
    if (row > 0) left++;
    longest = Math.max(longest, row);
  }
  return { share: (left - header) / all, longest };
}

const PROGRAMS = ['base32', 'gdb', 'hexdump', 'objcopy', 'od', 'python3', 'xxd'] as const;

describeWith(PROGRAMS, 'printed by a program', () => {
  beforeAll(() => withTempDir(redactAndMask));

  test.each(FORMS.flatMap((form) => Object.keys(SECRETS).map((secret) => ({ secret, form }))))(
    '$secret as $form is filled and masked',
    ({ secret, form }) => {
      if (secret === 'a token' && NUMBER_FORMS.has(form)) return;
      const name = `${secret} as ${form}`;
      const cell = cells.get(name)!;
      const { share, longest } = leftOf(cell, HEADERS[form] ?? 0);
      expect(share).toBeLessThan(1 - LEAST_SHARE);
      expect(longest).toBeLessThan(MOST_LEFT);
      const shown = masked.get(name)!.replaceAll(/\[masked: [^\]]*\]/g, '');
      expect((shown.length - (HEADERS[form] ?? 0)) / textOf(name, cell.text).length).toBeLessThan(
        1 - LEAST_SHARE,
      );
    },
  );
});
