import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type VerifyOptions, verify } from '../../../src/api/verify.js';
import { writeManifest } from '../../../src/redact/manifest/json.js';
import type { Manifest } from '../../../src/redact/manifest/manifest.js';
import { ManifestSigner } from '../../../src/redact/signature/signer.js';
import { describeWith } from '../../support/describe.js';
import fc from '../../support/property.js';
import { inFolder, KEY, OTHER_KEY, rawSignature, type SignedCopy } from './signed-copy.js';

/** Ways to make another copy or manifest pass for what was signed. */

const MANIFEST = 'copy.manifest.json';
const SIGNATURE = `${MANIFEST}.minisig`;

const call = ({ file }: SignedCopy, options: Partial<VerifyOptions> = {}) =>
  verify({ manifest: file(MANIFEST), file: file('copy'), key: file('minisign.pub'), ...options });

/** What a verification ends with: `verified`, the code of its first problem, or code and exit of an error. */
async function outcome(made: SignedCopy, options: Partial<VerifyOptions> = {}): Promise<string> {
  try {
    const { verified, problems } = await call(made, options);
    expect(verified).toBe(problems.length === 0);
    return problems[0]?.code ?? 'verified';
  } catch (error) {
    const { code, exit } = error as { code: string; exit: number };
    return `${code} ${exit}`;
  }
}

const FILES = ['copy', MANIFEST, SIGNATURE];
let contents: Buffer[] | undefined;

/** A folder with a signed copy, in which a test may cheat. The copy is made once. */
const signed = (body: (made: SignedCopy) => Promise<void>) =>
  inFolder(async (made) => {
    if (contents === undefined) {
      await made.redact({ sign: made.file('minisign.key') });
      contents = FILES.map(made.read);
    } else for (const [i, name] of FILES.entries()) made.write(name, contents[i]!);
    await body(made);
  });

/** Signs a text in place of the manifest, as the holder of the key could. */
function signText(made: SignedCopy, text: string | Uint8Array): void {
  made.write(MANIFEST, text);
  const signer = ManifestSigner.open(made.file('minisign.key'));
  made.write(SIGNATURE, signer.sign(Buffer.from(text), 'of a test'));
}

const manifestOf = (made: SignedCopy) => JSON.parse(made.read(MANIFEST).toString()) as Manifest;
const lines = (made: SignedCopy) => made.read(SIGNATURE).toString().split('\n');
const setLine = (made: SignedCopy, index: number, change: (line: string) => string) =>
  made.write(
    SIGNATURE,
    lines(made)
      .map((line, i) => (i === index ? change(line) : line))
      .join('\n'),
  );

/** Changes a byte of base64 text behind an offset of the decoded bytes. */
const flipped = (line: string, at: number): string => {
  const bytes = Buffer.from(line, 'base64');
  bytes[at]! ^= 1;
  return bytes.toString('base64');
};

type Cheat = [name: string, code: string, cheat: (made: SignedCopy) => void];

const FILE: Cheat[] = [
  ['cut short by a byte', 'length-differs', (m) => m.write('copy', m.read('copy').subarray(0, -1))],
  ['cut to nothing', 'length-differs', (m) => m.write('copy', '')],
  [
    'longer by a zero',
    'length-differs',
    (m) => m.write('copy', Buffer.concat([m.read('copy'), Buffer.alloc(1)])),
  ],
  ['with one bit changed', 'content-differs', (m) => flip(m, 'copy', 200)],
  ['with its last byte changed', 'content-differs', (m) => flip(m, 'copy', m.read('copy').length - 1)],
  ['zeros of its length', 'content-differs', (m) => m.write('copy', Buffer.alloc(m.read('copy').length))],
  ['the dump itself', 'content-differs', (m) => m.write('copy', m.read('dump'))],
  ['the manifest', 'length-differs', (m) => m.write('copy', m.read(MANIFEST))],
];

function flip(made: SignedCopy, name: string, at: number): void {
  const bytes = made.read(name);
  bytes[at]! ^= 1;
  made.write(name, bytes);
}

const SIGNATURES: Cheat[] = [
  ['missing', 'signature-missing', (m) => rmSync(m.file(SIGNATURE))],
  ['empty', 'signature-malformed', (m) => m.write(SIGNATURE, '')],
  [
    'of two lines, as signify writes it',
    'signature-malformed',
    (m) => m.write(SIGNATURE, `${lines(m).slice(0, 2).join('\n')}\n`),
  ],
  ['with a fifth line', 'signature-malformed', (m) => m.write(SIGNATURE, `${m.read(SIGNATURE)}more\n`)],
  ['with another trusted comment', 'comment-changed', (m) => setLine(m, 2, (line) => `${line}.`)],
  [
    'with the comment of another signature',
    'comment-changed',
    (m) => {
      const other = ManifestSigner.open(m.file('minisign.key')).sign(Buffer.from('other'), 'other');
      const [, , comment = '', global = ''] = other.toString().split('\n');
      setLine(m, 2, () => comment);
      setLine(m, 3, () => global);
    },
  ],
  ['with another global signature', 'comment-changed', (m) => setLine(m, 3, (line) => flipped(line, 5))],
  ['with one bit of it changed', 'signature-wrong', (m) => setLine(m, 1, (line) => flipped(line, 20))],
  ['with the order of the group added to s', 'signature-wrong', (m) => setLine(m, 1, withOrderAdded)],
  [
    'of another key',
    'signature-of-other-key',
    (m) => m.write(SIGNATURE, ManifestSigner.open(m.file('other.key')).sign(m.read(MANIFEST), 'x')),
  ],
  [
    'of another key that bears the identifier of this one',
    'signature-wrong',
    (m) => {
      const id = Buffer.from(KEY.line, 'base64').subarray(2, 10);
      const digest = createHash('blake2b512').update(m.read(MANIFEST)).digest();
      m.write(SIGNATURE, rawSignature(OTHER_KEY.privateKey, digest, { id }));
    },
  ],
  ['with another untrusted comment', 'untrusted-comment', (m) => setLine(m, 0, (line) => `${line}.`)],
  ['with another identifier', 'signature-of-other-key', (m) => setLine(m, 1, (line) => flipped(line, 4))],
  [
    'in the older format',
    'signature-older-format',
    (m) => {
      const id = Buffer.from(KEY.line, 'base64').subarray(2, 10);
      m.write(SIGNATURE, rawSignature(KEY.privateKey, m.read(MANIFEST), { algorithm: 'Ed', id }));
    },
  ],
  ['of an unknown algorithm', 'signature-malformed', (m) => setLine(m, 1, (line) => flipped(line, 0))],
  ['with text behind the base64', 'signature-malformed', (m) => setLine(m, 1, (line) => `${line}AAAA`)],
  [
    'with base64 of loose bits',
    'signature-malformed',
    (m) => setLine(m, 1, (line) => line.replace(/.=$/, '/=')),
  ],
  ['longer than any', 'signature-malformed', (m) => setLine(m, 0, (line) => line + 'x'.repeat(2 ** 16))],
  [
    'of another manifest',
    'signature-wrong',
    (m) => m.write(SIGNATURE, ManifestSigner.open(m.file('minisign.key')).sign(Buffer.from('{}\n'), 'x')),
  ],
];

/** The group order L of Ed25519 (RFC 8032, section 5.1). */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** Another spelling of the same signature, which RFC 8032 forbids. */
function withOrderAdded(line: string): string {
  const bytes = Buffer.from(line, 'base64');
  const s = BigInt(`0x${Buffer.from(bytes.subarray(42)).reverse().toString('hex')}`) + ORDER;
  Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse().copy(bytes, 42);
  return bytes.toString('base64');
}

const UNSIGNED: Cheat[] = [
  [
    'with the hash of another copy',
    'signature-wrong',
    (m) => {
      m.write('copy', 'another copy');
      const sha256 = createHash('sha256').update('another copy').digest('hex');
      m.write(MANIFEST, writeManifest({ ...manifestOf(m), output: { bytes: 12, sha256 } }));
    },
  ],
  [
    'of another mode',
    'signature-wrong',
    (m) => m.write(MANIFEST, writeManifest({ ...manifestOf(m), keep: 'all' })),
  ],
  ['with a space behind it', 'signature-wrong', (m) => m.write(MANIFEST, `${m.read(MANIFEST)} `)],
  [
    'without its last line end',
    'signature-wrong',
    (m) => m.write(MANIFEST, m.read(MANIFEST).subarray(0, -1)),
  ],
  ['empty', 'signature-wrong', (m) => m.write(MANIFEST, '')],
];

const text = (made: SignedCopy) => made.read(MANIFEST).toString();
const changed = (made: SignedCopy, change: (manifest: ReturnType<typeof JSON.parse>) => void) => {
  const manifest = manifestOf(made);
  change(manifest);
  signText(made, `${JSON.stringify(manifest, null, 2)}\n`);
};

/** Documents that the key has signed, and that are no manifest of one meaning. */
const SIGNED: Cheat[] = [
  [
    'a name twice',
    'manifest-malformed',
    (m) => signText(m, text(m).replace('"output": {', '"output": {\n    "bytes": 1,')),
  ],
  [
    'the same name twice, once escaped',
    'manifest-malformed',
    (m) => signText(m, text(m).replace('"keep":', '"k\\u0065ep": "all",\n  "keep":')),
  ],
  ['other white space', 'manifest-malformed', (m) => signText(m, text(m).replaceAll('\n', '\r\n'))],
  ['text behind it', 'manifest-malformed', (m) => signText(m, `${text(m)}{}\n`)],
  ['a byte order mark', 'manifest-malformed', (m) => signText(m, `\ufeff${text(m)}`)],
  [
    'bytes that are no UTF-8',
    'manifest-malformed',
    (m) => signText(m, Buffer.from(text(m).replace('elf-core', 'elf\xffcore'), 'latin1')),
  ],
  [
    'a number that loses digits',
    'manifest-malformed',
    (m) => signText(m, text(m).replace(/"kept": \d+/, '"kept": 9007199254740993')),
  ],
  [
    'another spelling of a number',
    'manifest-malformed',
    (m) => signText(m, text(m).replace(/"kept": \d+/, '"kept": 1e3')),
  ],
  ['no JSON', 'manifest-malformed', (m) => signText(m, 'sha256 is the same')],
  ['null', 'manifest-of-other-kind', (m) => signText(m, 'null\n')],
  ['another document', 'manifest-of-other-kind', (m) => signText(m, '{\n  "schemaVersion": 1\n}\n')],
  ['a report', 'manifest-of-other-kind', (m) => changed(m, (each) => delete each.type)],
  ['a later version', 'manifest-version', (m) => changed(m, (each) => (each.schemaVersion = 2))],
  ['an unknown field', 'manifest-malformed', (m) => changed(m, (each) => (each.output.sha512 = ''))],
  [
    '__proto__',
    'manifest-malformed',
    (m) => signText(m, text(m).replace('"keep":', '"__proto__": {},\n  "keep":')),
  ],
  ['no hash', 'manifest-malformed', (m) => changed(m, (each) => delete each.output.sha256)],
  [
    'a hash in capitals',
    'manifest-malformed',
    (m) => changed(m, (each) => (each.output.sha256 = each.output.sha256.toUpperCase())),
  ],
  [
    'a part of the hash',
    'manifest-malformed',
    (m) => changed(m, (each) => (each.output.sha256 = each.output.sha256.slice(0, 32))),
  ],
  [
    'a length as text',
    'manifest-malformed',
    (m) => changed(m, (each) => (each.output.bytes = `${each.output.bytes}`)),
  ],
  ['a negative length', 'manifest-malformed', (m) => changed(m, (each) => (each.output.bytes = -1))],
  ['another mode', 'manifest-malformed', (m) => changed(m, (each) => (each.keep = 'everything'))],
  ['a list for the plan', 'manifest-malformed', (m) => changed(m, (each) => (each.plan = []))],
];

const UNREADABLE: Cheat[] = [
  ['no copy', 'verify-unreadable 2', (m) => rmSync(m.file('copy'))],
  ['no manifest', 'verify-unreadable 2', (m) => rmSync(m.file(MANIFEST))],
  ['a folder for the copy', 'verify-no-file 2', (m) => replaceBy(m, 'copy', () => mkdirSync(m.file('copy')))],
  [
    'a folder for the manifest',
    'verify-no-file 2',
    (m) => replaceBy(m, MANIFEST, () => mkdirSync(m.file(MANIFEST))),
  ],
  [
    'a folder for the signature',
    'verify-no-file 2',
    (m) => replaceBy(m, SIGNATURE, () => mkdirSync(m.file(SIGNATURE))),
  ],
  ['a link to the copy', 'verify-link 2', (m) => linked(m, 'copy')],
  ['a link to the manifest', 'verify-link 2', (m) => linked(m, MANIFEST)],
  ['a link to the signature', 'verify-link 2', (m) => linked(m, SIGNATURE)],
  [
    'a link to nothing',
    'verify-link 2',
    (m) => replaceBy(m, SIGNATURE, () => symlinkSync('none', m.file(SIGNATURE))),
  ],
];

function replaceBy(made: SignedCopy, name: string, make: () => void): void {
  rmSync(made.file(name));
  make();
}

function linked(made: SignedCopy, name: string): void {
  renameSync(made.file(name), made.file('elsewhere'));
  symlinkSync('elsewhere', made.file(name));
}

describe.each([
  ['a copy', FILE],
  ['a signature', SIGNATURES],
  ['a manifest that was changed', UNSIGNED],
  ['a signed document with', SIGNED],
  ['an unreadable file:', UNREADABLE],
])('%s', (_what, cheats) => {
  test.each(cheats)('%s: %s', (_name, code, cheat) =>
    signed(async (made) => {
      cheat(made);
      expect(await outcome(made)).toBe(code);
      // A signature that fails says nothing of what was signed.
      if (/^(signature|comment)/.test(code)) expect(await call(made)).not.toHaveProperty('manifest');
    }),
  );
});

describeWith(['mkfifo'], 'a pipe for the copy', () => {
  test('is not waited for', () =>
    signed(async (made) => {
      rmSync(made.file('copy'));
      execFileSync('mkfifo', [made.file('copy')]);
      expect(await outcome(made)).toBe('verify-no-file 2');
    }));
});

test('the copy of another dump with the manifest of this one', () =>
  signed(async (made) => {
    const dump = made.read('dump');
    dump.fill(0x41, dump.length - 64);
    made.write('other-dump', Buffer.concat([dump, Buffer.alloc(16)]));
    const output = made.file('other-copy');
    await made.redact({ input: made.file('other-dump'), output, sign: made.file('minisign.key') });
    expect(await outcome(made, { file: output })).toBe('length-differs');
    expect(await outcome(made, { file: output, manifest: `${output}.manifest.json` })).toBe('verified');
  }));

test('a copy that changes while it is read', () =>
  signed(async (made) => {
    let times = 0;
    const onProgress = () => (times++ === 0 ? made.write('copy', 'x') : undefined);
    expect(await outcome(made, { onProgress })).toBe('file-changed 2');
  }));

test('all else verifies', () => signed(async (made) => expect(await outcome(made)).toBe('verified')));

test('no byte of the three files can be another, but for the untrusted comment and line ends', () =>
  signed(async (made) => {
    const change = fc.tuple(fc.constantFrom(...FILES), fc.nat(), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(change, async ([name, place, xor]) => {
        const bytes = made.read(name);
        const first = name === SIGNATURE ? bytes.indexOf('\n') : 0;
        const at = first + (place % (bytes.length - first));
        fc.pre(name !== SIGNATURE || bytes[at] !== 0x0a);
        made.write(name, bytes.with(at, bytes[at]! ^ xor));
        expect(await outcome(made)).not.toBe('verified');
        made.write(name, bytes);
      }),
      { numRuns: 60 },
    );
    expect(await outcome(made)).toBe('verified');
  }));

describe('what may differ', () => {
  test('are names, folders, line ends and which program signed', () =>
    signed(async (made) => {
      renameSync(made.file('copy'), made.file('sub/renamed'));
      renameSync(made.file(MANIFEST), made.file('m'));
      renameSync(made.file(SIGNATURE), made.file('m.minisig'));
      const paths = { manifest: made.file('m'), file: made.file('sub/renamed') };
      made.write(
        'm.minisig',
        made.read('m.minisig').toString().replace(/:.*/, ': signature from minisign secret key'),
      );
      expect(await outcome(made, paths)).toBe('verified');
      made.write('m.minisig', made.read('m.minisig').toString().replaceAll('\n', '\r\n'));
      expect(await outcome(made, paths)).toBe('verified');
    }));
});
