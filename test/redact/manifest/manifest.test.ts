import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { asset } from '../../../src/core/base/runtime/assets.js';
import { readManifest, writeManifest } from '../../../src/redact/manifest/json.js';
import { type FillCause, fillList, type Manifest } from '../../../src/redact/manifest/manifest.js';
import { isManifest, manifestSchema } from '../../../src/redact/manifest/schema.js';
import { inFolder, KEY, type SignedCopy } from './signed-copy.js';

const MANIFEST = 'copy.manifest.json';
const SIGNATURE = `${MANIFEST}.minisig`;

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const valid = new Ajv2020({ strict: true, allErrors: true, validateFormats: false }).compile(
  manifestSchema(),
);
const manifestOf = (made: SignedCopy) => JSON.parse(made.read(MANIFEST).toString()) as Manifest;

/** Names in the folder of which the calls made. */
const madeFiles = ({ folder }: SignedCopy) =>
  readdirSync(folder).filter((name) => /^copy|dumpsieve|^m/.test(name) && !/^minisign/.test(name));

describe('the manifest', () => {
  test('says what the copy is and how it was made, by its schema', () =>
    inFolder(async (made) => {
      const { kept, words, threads, manifest } = await made.redact();
      expect(manifest).toBe(made.file(MANIFEST));
      const found = manifestOf(made);
      expect(valid(found) ? [] : valid.errors).toEqual([]);
      expect(found).toMatchObject({
        schemaVersion: 1,
        tool: { name: 'dumpsieve', version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
        ...{ format: 'elf-core', keep: 'backtrace', paths: 'keep' },
        fill: { byte: 0, word: '0x0defaced0defaced' },
        plan: { kind: 'allow-list', kept, counts: { threads, stackWords: words.words } },
        output: { bytes: made.read('copy').length, sha256: sha256(made.read('copy')) },
      });
      expect(found).not.toHaveProperty('input');
      expect(statSync(made.file(MANIFEST)).mode & 0o777).toBe(0o600);
      expect(madeFiles(made).sort()).toEqual(['copy', MANIFEST]);
    }));

  test('has the schema that ships', () => {
    const shipped = JSON.parse(readFileSync(asset('dist/schema/manifest.schema.json'), 'utf8'));
    expect(shipped).toEqual(JSON.parse(JSON.stringify(manifestSchema())));
  });

  test('names no file, and not the input’s hash unless asked', () =>
    inFolder(async (made) => {
      await made.redact({ sign: made.file('key.pem'), paths: 'hash', hashInput: true });
      const text = `${made.read(MANIFEST)}${made.read(SIGNATURE)}`;
      for (const name of [made.folder, 'dump"', 'key.pem']) expect(text).not.toContain(name);
      expect(manifestOf(made)).toMatchObject({
        paths: 'hash',
        input: { bytes: made.read('dump').length, sha256: sha256(made.read('dump')) },
      });
      await made.redact({ force: true });
      expect(made.read(MANIFEST).toString()).not.toContain(sha256(made.read('dump')));
    }));

  test('is the same for the same dump', () =>
    inFolder(async (made) => {
      await made.redact({ sign: made.file('key.pem') });
      const first = [made.read(MANIFEST), made.read(SIGNATURE)];
      await made.redact({ sign: made.file('key.pem'), force: true });
      expect([made.read(MANIFEST), made.read(SIGNATURE)]).toEqual(first);
    }));

  test('goes to the file named, with its signature', () =>
    inFolder(async (made) => {
      const manifest = made.file('sub/m.json');
      const result = await made.redact({ manifest, sign: made.file('minisign.key') });
      const signature = { file: `${manifest}.minisig`, publicKey: KEY.line };
      expect(result).toMatchObject({ manifest, signature });
      expect(readdirSync(made.file('sub')).sort()).toEqual(['m.json', 'm.json.minisig']);
      expect(madeFiles(made)).toEqual(['copy']);
      expect(statSync(signature.file).mode & 0o777).toBe(0o600);
    }));
});

describe('files that are there', () => {
  test.each([MANIFEST, SIGNATURE])('%s is replaced with force alone', (name) =>
    inFolder(async (made) => {
      made.write(name, 'old');
      await expect(made.redact()).rejects.toMatchObject({ code: 'output-exists', exit: 3 });
      expect(made.read(name).toString()).toBe('old');
      expect(madeFiles(made)).toEqual([name]);
      await made.redact({ force: true });
      // A signature of another manifest would be left otherwise.
      if (name === SIGNATURE) expect(existsSync(made.file(name))).toBe(false);
      else expect(isManifest(manifestOf(made))).toBe(true);
    }),
  );

  const REFUSED: [name: string, code: string, options: (made: SignedCopy) => object][] = [
    ['the copy', 'manifest-is-output', ({ file }) => ({ manifest: file('copy') })],
    ['the copy by another path', 'manifest-is-output', ({ file }) => ({ manifest: file('sub/../copy') })],
    [
      'the copy through a link',
      'manifest-is-output',
      (made) => {
        symlinkSync('.', made.file('here'));
        return { manifest: made.file('here/copy') };
      },
    ],
    ['the dump', 'output-is-input', ({ file }) => ({ manifest: file('dump') })],
    ['the key', 'output-is-key', ({ file }) => ({ manifest: file('key.pem') })],
    ['a folder', 'output-is-folder', ({ file }) => ({ manifest: file('sub') })],
    ['in no folder', 'output-not-written', ({ file }) => ({ manifest: file('none/m') })],
    [
      'a link',
      'output-is-link',
      (made) => {
        symlinkSync('elsewhere', made.file('l'));
        return { manifest: made.file('l') };
      },
    ],
    [
      'and its signature the copy',
      'manifest-is-output',
      ({ file }) => ({
        output: file('x.minisig'),
        manifest: file('x'),
      }),
    ],
  ];
  test.each(REFUSED)('the manifest is not %s, even with force', (_name, code, options) =>
    inFolder(async (made) => {
      const call = made.redact({ force: true, sign: made.file('key.pem'), ...options(made) });
      await expect(call).rejects.toMatchObject({ code, exit: 3 });
      expect(madeFiles(made)).toEqual([]);
      expect(made.read('key.pem').toString()).toBe(KEY.pkcs8);
    }),
  );

  test('the copy is not the key, even with force', () =>
    inFolder(async (made) => {
      const key = made.file('key.pem');
      await expect(made.redact({ force: true, output: key, sign: key })).rejects.toMatchObject({
        code: 'output-is-key',
      });
      expect(made.read('key.pem').toString()).toBe(KEY.pkcs8);
    }));
});

describe('there is no manifest', () => {
  test('if the copy gets no name', () =>
    inFolder(async (made) => {
      const onProgress = ({ bytes, total }: { bytes: number; total: number }) => {
        if (bytes === total) made.write('copy', 'other');
      };
      const call = made.redact({ onProgress, sign: made.file('key.pem') });
      await expect(call).rejects.toMatchObject({ code: 'output-exists' });
      expect(madeFiles(made)).toEqual(['copy']);
      expect(made.read('copy').toString()).toBe('other');
    }));

  test('and no copy, if one of them appears meanwhile', () =>
    inFolder(async (made) => {
      const onProgress = () => made.write(SIGNATURE, 'other');
      const call = made.redact({ onProgress, sign: made.file('key.pem') });
      await expect(call).rejects.toMatchObject({ code: 'output-exists' });
      expect(madeFiles(made)).toEqual([SIGNATURE]);
    }));

  test('and no copy, if a signature appears that nothing here has made', () =>
    inFolder(async (made) => {
      const call = made.redact({ onProgress: () => made.write(SIGNATURE, 'other') });
      await expect(call).rejects.toMatchObject({ code: 'output-exists' });
      expect(madeFiles(made)).toEqual([SIGNATURE]);
    }));

  test('and no copy, if its folder is gone by then', () =>
    inFolder(async (made) => {
      const onProgress = () => rmSync(made.file('sub'), { recursive: true, force: true });
      const call = made.redact({ onProgress, manifest: made.file('sub/m') });
      await expect(call).rejects.toMatchObject({ code: 'output-not-written' });
      expect(madeFiles(made)).toEqual([]);
    }));

  test('and no copy, without the key', () =>
    inFolder(async (made) => {
      const call = made.redact({ sign: made.file('none') });
      await expect(call).rejects.toMatchObject({ code: 'sign-key-unreadable', exit: 3 });
      expect(madeFiles(made)).toEqual([]);
    }));
});

describe('a list of what was filled', () => {
  const CAUSES: Required<FillCause>[] = [
    { cause: 'rsa-private-key', places: 2, bytes: 160, extents: [{ offset: 5, length: 160 }] },
    { cause: 'github-token', places: 1, bytes: 40, extents: [{ offset: 400, length: 40 }] },
  ];
  const base = (plan: Manifest['plan']): Manifest => ({
    schemaVersion: 1,
    type: 'dumpsieve-redaction',
    tool: { name: 'dumpsieve', version: '1.0.0', rules: { count: 1, sha256: 'a'.repeat(64) } },
    ...{ format: 'raw', keep: 'all', paths: 'keep', fill: { byte: 0, text: 42 }, plan },
    coverage: { file: { bytes: 500, unread: [] }, limits: [] },
    acceptedLimits: ['ec-scalars'],
    output: {
      bytes: 90,
      sha256: 'b'.repeat(64),
      decoded: { encoding: 'zstd', bytes: 500, sha256: 'c'.repeat(64) },
    },
  });

  test.each(['full', 'brief'] as const)(
    'with detail %s is valid and is read as it was written',
    async (detail) => {
      const manifest = base(fillList(detail, CAUSES));
      expect(valid(manifest) ? [] : valid.errors).toEqual([]);
      expect(await readManifest(writeManifest(manifest))).toEqual({ manifest });
    },
  );

  test('tells no length and no place with detail brief', () => {
    const text = writeManifest(base(fillList('brief', CAUSES))).toString();
    expect(text).toContain('rsa-private-key');
    expect(text).not.toMatch(/160|"offset"|"extents"|"length"/);
    expect(fillList('full', CAUSES)).toMatchObject({ bytes: 200 });
  });
});
