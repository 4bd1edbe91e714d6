import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { githubToken } from '../../../fixtures/tokens.js';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import { Masker } from '../../../src/known/mask/mask.js';
import { shownSecrets } from '../../support/naive-oracle.js';
import fc from '../../support/property.js';
import { LAYERED, SPELLINGS, TEXT_SPELLINGS } from '../../support/spellings.js';
import { isLinear } from '../../support/work.js';

const random = new SeededRandom('secrets in names');
const TOKEN = Buffer.from(githubToken(random));
const SCALAR = random.bytes(32);
const SECRETS = [TOKEN, SCALAR];

const masker = new Masker();
masker.add(new Secret(TOKEN), 'token');
masker.addNumber(new Secret(SCALAR), 'key');

/** Places of a name. */
const NAMES = [
  (name: string) => name,
  (name: string) => `/srv/app-${name}/bin/core.12`,
  (name: string) => `日本 --key="${name}" -v 7`,
];

describe.each(Object.entries({ ...SPELLINGS, ...LAYERED }))('%s', (_, write) => {
  test.each([
    ['a token', TOKEN],
    ['a scalar', SCALAR],
  ])('of %s is masked', (_, secret) => {
    for (const name of NAMES) {
      expect(shownSecrets(SECRETS, name(write(secret)))).toHaveLength(1);
      expect(shownSecrets(SECRETS, masker.clean(name(write(secret))))).toEqual([]);
    }
  });
});

test.each(Object.entries(TEXT_SPELLINGS))('a token %s is masked', (_, write) => {
  for (const name of NAMES) {
    expect(shownSecrets(SECRETS, name(write(TOKEN)))).toHaveLength(1);
    expect(shownSecrets(SECRETS, masker.clean(name(write(TOKEN))))).toEqual([]);
  }
});

test.each(Object.entries(SPELLINGS).filter(([name]) => name !== 'decimal'))(
  'a part in %s is masked',
  (_, write) => {
    expect(shownSecrets(SECRETS, masker.clean(write(TOKEN.subarray(9, 25))))).toEqual([]);
    expect(shownSecrets(SECRETS, masker.clean(write(SCALAR.subarray(7, 19))))).toEqual([]);
  },
);

test('an integer in decimal that is cut off is masked', () => {
  for (const secret of SECRETS) {
    const digits = SPELLINGS.decimal!(secret);
    expect(masker.clean(`--key=${digits.slice(0, 70)}`)).toMatch(/^--key=\[masked: (token|key)\]$/);
    expect(masker.clean(digits.slice(20, 36))).toMatch(/^\[masked: (token|key)\]$/);
  }
});

test('little-endian bytes of a scalar are masked', () => {
  const reversed = Buffer.from(SCALAR).reverse();
  for (const write of Object.values(SPELLINGS))
    expect(masker.clean(write(reversed))).toContain('[masked: key]');
});

const pieces = (text: string, size: number): string[] => text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [];
/** Hexadecimal of little-endian words, each printed as a number. */
const words = (secret: Buffer, size: number, prefix: string): string =>
  pieces(secret.toString('latin1'), size)
    .map((word) => `${prefix}${Buffer.from(word, 'latin1').reverse().toString('hex')}`)
    .join(' ');
const spelled = (secret: Buffer, write: (byte: number) => string): string => [...secret].map(write).join('');
/** Forms of printed text alone, which the search for copies does not know. */
const PRINTED: readonly (readonly [name: string, write: (secret: Buffer) => string])[] = [
  ['hex in words of two bytes', (secret) => words(secret, 2, '')],
  ['hex in words of four bytes', (secret) => words(secret, 4, '0x')],
  ['hex in words of eight bytes', (secret) => words(secret, 8, '0x')],
  ['quoted-printable', (secret) => spelled(secret, (byte) => `=${byte.toString(16).padStart(2, '0')}`)],
  ['%uNNNN', (secret) => spelled(secret, (byte) => `%u${byte.toString(16).padStart(4, '0')}`)],
  ['references in hexadecimal', (secret) => spelled(secret, (byte) => `&#x${byte.toString(16)};`)],
  ['references in decimal', (secret) => spelled(secret, (byte) => `&#${byte};`)],
];

test.each(PRINTED)('%s is masked', (_, write) => {
  for (const secret of [TOKEN, SCALAR, Buffer.from(SCALAR).reverse()])
    expect(masker.clean(`-v ${write(secret)}`)).toMatch(/^-v (?:0x|=|&#x?)?\[masked: (?:token|key)\];?$/);
});

test('a password with marks is masked as XML and quoted-printable write it', () => {
  const marks = new Masker();
  marks.add(Secret.text('a&b<"c=d>\'e f'), 'password');
  for (const text of [
    'a&amp;b&lt;&quot;c=d&gt;&apos;e f',
    'a&#38;b&#60;&#x22;c=d&#x3E;&#39;e f',
    'a&b<"c=3Dd>\'e=20f',
    'a%26b%3C"c=d>\'e&#32;f',
  ])
    expect(marks.clean(`<p>${text}</p>`)).toBe('<p>[masked: password]</p>');
});

test.each(['\\x01', '\\u{200b}', '%00', '\\x7f', '%20', '\\xe2\\x80\\x93', '=01', '&#xa0;'])(
  'a token split by %s is masked',
  (separator) => {
    // What is left of a token is the prefix of its issuer.
    for (const text of [TOKEN.toString(), TOKEN.toString('base64')])
      expect(masker.clean(pieces(text, 3).join(separator))).toMatch(
        /^(?:ghp\W.*_)?\[masked: token\]\S{0,14}$/,
      );
  },
);

test('a password of seven characters is masked, as it is and encoded, but not where words are joined', () => {
  const short = new Masker();
  short.add(Secret.text('hunter2'), 'password');
  for (const write of [String, ...Object.values(SPELLINGS)])
    if (write !== SPELLINGS.decimal) expect(short.clean(write(Buffer.from('hunter2')))).toContain('masked');
  expect(short.clean('hun/ter2')).toBe('hun/ter2');
});

test('what only a rule matches is masked inside other encodings', () => {
  const rules = new Masker((text) =>
    [...text.matchAll(/tok_[a-z]{10}/g)].map(({ index, 0: all }) => ({
      start: index,
      end: index + all.length,
      ruleId: 'rule',
    })),
  );
  const token = Buffer.from(`tok_${'abcdefghij'}`);
  for (const [name, write] of Object.entries({ ...SPELLINGS, ...LAYERED }))
    if (!/^decimal/.test(name)) expect(rules.clean(`/srv/${write(token)}`)).toContain('[masked: rule]');
});

test('the hex of UTF-16 of a text beyond ASCII is masked', () => {
  const text = 'schlüssel-für-größe';
  const wide = new Masker();
  wide.add(Secret.text(text), 'password');
  const le = Buffer.from(text, 'utf16le');
  for (const bytes of [le, Buffer.from(le).swap16()])
    expect(wide.clean(bytes.toString('hex'))).toContain('[masked: password]');
});

describe('ordinary text is not masked', () => {
  const many = new Masker();
  for (let i = 0; i < 300; i++) {
    many.add(Secret.text(githubToken(random)), 'token');
    many.addNumber(new Secret(random.bytes(i % 2 ? 32 : 128)), 'key');
  }
  many.addNumber(new Secret(new Uint8Array(32)), 'zeros');
  const digest = (text: string, encoding: 'hex' | 'base64') =>
    createHash('sha256').update(text).digest(encoding);
  const word = fc.constantFrom(
    'usr',
    'lib',
    'x86_64-linux-gnu',
    'libc.so.6',
    'node',
    '--port=8080',
    'com.example',
  );
  const texts = fc.oneof(
    fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join('/')),
    fc.uuid(),
    fc.string().map((text) => digest(text, 'hex')),
    fc.string().map((text) => `SHA256:${digest(text, 'base64').replace('=', '')}`),
    fc.string().map((text) => digest(text, 'hex').slice(0, 40)),
    fc.bigInt({ min: 0n, max: 2n ** 64n }).map((address) => `verifies the JWT at 0x${address.toString(16)}`),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.constantFrom('0'.repeat(64), 'f'.repeat(64), 'A'.repeat(100), 'C:\\Windows\\System32\\ntdll.dll'),
    fc.string({ unit: 'binary', maxLength: 200 }),
  );

  test('paths, identifiers, digests, addresses, dates', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(many.mask(text)).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });
});

test('an encoding inside an encoding inside an encoding costs bounded work', async () => {
  const cleaned = (times: number) => () => {
    for (const piece of ['QUFB', '414141', '\\x41', '9999']) masker.clean(piece.repeat(times));
  };
  expect(await isLinear(cleaned, 2_000)).toBe(true);
});
