import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { type RedactOptions, redact } from '../../src/api/redact.js';
import { verify } from '../../src/api/verify.js';
import type { DumpsieveError } from '../../src/core/base/runtime/errors.js';
import { openInput } from '../../src/redact/input.js';
import { readManifest, writeManifest } from '../../src/redact/manifest/json.js';
import { type CopyEncodingName, ENCODINGS } from '../../src/redact/manifest/manifest.js';
import { ManifestSigner } from '../../src/redact/signature/signer.js';
import { SpoolMemory } from '../../src/source/spool.js';
import { withTempDir } from '../support/folder.js';
import fc from '../support/property.js';
import { BuiltProcess } from './built-core.js';
import { compress, plainly } from './encoded.js';
import { KEY } from './manifest/signed-copy.js';

const TOKEN = githubToken(new SeededRandom('token in a compressed dump'));
const TEXT = Buffer.from(`${'no secret here, '.repeat(40)}\ntoken: ${TOKEN}\n${'nor here, '.repeat(40)}`);
const CORE = new BuiltProcess('compressed').core().bytes;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

interface Call {
  folder: string;
  file(name: string): string;
  copy(content: Uint8Array, options?: Partial<RedactOptions>): Promise<Buffer>;
}

const inFolder = (body: (call: Call) => Promise<void>): Promise<void> =>
  withTempDir(async (folder) => {
    const file = (name: string) => join(folder, name);
    await body({
      ...{ folder, file },
      async copy(content, options = {}) {
        writeFileSync(file('in'), content);
        await redact({ input: file('in'), output: file('out'), jobs: 1, force: true, ...options });
        return readFileSync(file('out'));
      },
    });
  });

const MODES: [encoding: CopyEncodingName, keep: 'all' | 'backtrace', dump: Buffer][] = ENCODINGS.flatMap(
  (encoding) =>
    [
      ['all', TEXT],
      ['backtrace', CORE],
    ].map(([keep, dump]) => [encoding, keep, dump] as [CopyEncodingName, 'all' | 'backtrace', Buffer]),
);

describe.each(MODES)('a %s file, --keep %s', (encoding, keep, dump) => {
  test('has a copy that holds what the copy of its content is', () =>
    inFolder(async ({ file, copy }) => {
      const plain = await copy(dump, { keep });
      writeFileSync(file('key'), KEY.pkcs8);
      writeFileSync(file('pub'), KEY.spki);
      const stored = await compress[encoding](dump);
      const out = await copy(stored, { keep, sign: file('key'), hashInput: true });
      const content = await plainly[encoding](out);
      expect(content.equals(plain)).toBe(true);
      expect(content.equals(dump)).toBe(false);
      for (const bytes of [out, content]) expect(bytes.includes(TOKEN)).toBe(false);
      const read = await readManifest(readFileSync(file('out.manifest.json')));
      expect(read).toMatchObject({
        manifest: {
          input: {
            ...{ bytes: stored.length, sha256: sha256(stored) },
            decoded: { encoding, bytes: dump.length, sha256: sha256(dump) },
          },
          output: {
            ...{ bytes: out.length, sha256: sha256(out) },
            decoded: { encoding, bytes: plain.length, sha256: sha256(plain) },
          },
        },
      });
      const { verified } = await verify({
        ...{ manifest: file('out.manifest.json'), file: file('out'), key: file('pub') },
      });
      expect(verified).toBe(true);
      expect((await copy(out, { keep })).equals(out)).toBe(true);
    }));
});

describe.each(ENCODINGS)('a %s file', (encoding) => {
  const halves = async (between: Uint8Array = Buffer.alloc(0)) => {
    // The token lies in both.
    const cut = TEXT.indexOf(TOKEN) + 9;
    const parts = [TEXT.subarray(0, cut), TEXT.subarray(cut)].map(compress[encoding]);
    const [one, other] = await Promise.all(parts);
    return Buffer.concat([one!, between, other!]);
  };

  test('of several members becomes one of one', () =>
    inFolder(async ({ copy }) => {
      const [one, many] = [await copy(await compress[encoding](TEXT)), await copy(await halves())];
      expect(many.equals(one)).toBe(true);
    }));

  test('may end in zeros', () =>
    inFolder(async ({ copy }) => {
      const padded = Buffer.concat([await compress[encoding](TEXT), Buffer.alloc(999)]);
      expect((await copy(padded)).equals(await copy(await compress[encoding](TEXT)))).toBe(true);
    }));

  const REFUSED: [name: string, make: (stored: Buffer) => Buffer | Promise<Buffer>, code: string][] = [
    ['that is cut', (stored) => stored.subarray(0, -9), 'container-truncated'],
    [
      'with bytes behind it',
      (stored) => Buffer.concat([stored, Buffer.from('more')]),
      'container-trailing-data',
    ],
    ['with bytes between its members', () => halves(Buffer.from('more')), 'container-trailing-data'],
    [
      'with another checksum',
      (stored) => {
        const at = stored.length - (encoding === 'gzip' ? 8 : 4);
        stored[at] = stored[at]! ^ 1;
        return stored;
      },
      'container-checksum',
    ],
    ['of nothing', () => compress[encoding](Buffer.alloc(0)), 'empty-input'],
    ['of another one', async (stored) => compress[encoding](stored), 'redact-format'],
  ];
  test.each(REFUSED)('%s has no copy', (_name, make, code) =>
    inFolder(async ({ folder, copy }) => {
      const stored = await make(await compress[encoding](TEXT));
      for (const keep of ['all', 'backtrace'] as const)
        await expect(copy(stored, { keep })).rejects.toMatchObject({
          ...{ code, exit: code === 'redact-format' ? 3 : 2 },
        });
      expect(readdirSync(folder)).toEqual(['in']);
    }),
  );

  test('with a changed byte has the same copy, or none', () =>
    inFolder(async ({ folder, copy }) => {
      const stored = await compress[encoding](CORE);
      const expected = await copy(stored, { keep: 'backtrace' });
      const change = fc.record({ at: fc.nat(stored.length - 1), by: fc.integer({ min: 1, max: 255 }) });
      await fc.assert(
        fc.asyncProperty(change, async ({ at, by }) => {
          const changed = Buffer.from(stored);
          changed[at] = changed[at]! ^ by;
          rmSync(join(folder, 'out'), { force: true });
          const made = await copy(changed, { keep: 'backtrace' }).catch(
            (error: DumpsieveError) => error.exit,
          );
          if (typeof made === 'number')
            expect([made, existsSync(join(folder, 'out'))]).toEqual([made, false]);
          else expect(made.equals(expected)).toBe(true);
        }),
        { numRuns: 60 },
      );
    }));

  test('has no copy if what is read back differs', () =>
    inFolder(async ({ folder, file, copy }) => {
      let done = false;
      const onProgress = () => {
        const temporary = readdirSync(folder).find((name) => name.startsWith('.dumpsieve-'));
        if (done || temporary === undefined || readFileSync(file(temporary)).length === 0) return;
        done = true;
        writeFileSync(file(temporary), Buffer.alloc(4, 1), { flag: 'r+' });
      };
      const stored = await compress[encoding](CORE);
      await expect(copy(stored, { keep: 'backtrace', onProgress })).rejects.toMatchObject({
        ...{ code: 'output-differs', exit: 2 },
      });
      expect(done).toBe(true);
      expect(readdirSync(folder)).toEqual(['in']);
    }));

  test.each<[string, (decoded: { bytes: number; sha256: string; encoding: string }) => void]>([
    ['hash', (decoded) => (decoded.sha256 = 'a'.repeat(64))],
    ['length', (decoded) => decoded.bytes--],
    ['encoding', (decoded) => (decoded.encoding = encoding === 'gzip' ? 'zstd' : 'gzip')],
  ])('is not verified if the manifest says another %s of what it holds', (_name, change) =>
    inFolder(async ({ file, copy }) => {
      writeFileSync(file('key'), KEY.pkcs8);
      writeFileSync(file('pub'), KEY.spki);
      await copy(await compress[encoding](CORE), { keep: 'backtrace' });
      const read = await readManifest(readFileSync(file('out.manifest.json')));
      if (!('manifest' in read)) throw new Error('no manifest');
      change(read.manifest.output.decoded!);
      const text = writeManifest(read.manifest);
      writeFileSync(file('out.manifest.json'), text);
      writeFileSync(
        file('out.manifest.json.minisig'),
        ManifestSigner.open(file('key')).sign(text, 'changed'),
      );
      const options = { manifest: file('out.manifest.json'), file: file('out'), key: file('pub') };
      expect(await verify(options)).toMatchObject({
        verified: false,
        problems: [{ code: 'content-differs' }],
      });
    }),
  );
});

test.each(ENCODINGS)('what expands too far in a %s file is not read', (encoding) =>
  inFolder(async ({ file }) => {
    writeFileSync(file('in'), await compress[encoding](Buffer.alloc(200_000, 'x')));
    const open = (granted: number) =>
      openInput({ input: file('in') }, { budget: new SpoolMemory() }, { granted, ratio: 1 });
    await expect(open(199_999)).rejects.toMatchObject({ code: 'container-expands-too-far', exit: 2 });
    const input = await open(200_000);
    expect(input.reader.length).toBe(200_000);
    input.close();
  }),
);

test('a name in the header of gzip is not in the copy', () =>
  inFolder(async ({ copy }) => {
    const stored = await compress.gzip(TEXT);
    const named = Buffer.concat([stored.subarray(0, 10), Buffer.from(`${TOKEN}\0`), stored.subarray(10)]);
    named[3] = 8;
    expect((await copy(named)).equals(await copy(stored))).toBe(true);
  }));
