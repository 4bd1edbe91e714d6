import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type RedactOptions, redact } from '../../src/api/redact.js';
import { withTempDir } from '../support/folder.js';
import { BuiltProcess } from './built-core.js';

const CORE = new BuiltProcess('output').core().bytes;

/** Runs a test in a folder with a dump; nothing but `files` may be in it afterwards. */
const inFolder = (
  files: readonly string[],
  body: (folder: string, call: (options?: Partial<RedactOptions>) => ReturnType<typeof redact>) => unknown,
) =>
  withTempDir(async (folder) => {
    const [input, output] = [join(folder, 'dump'), join(folder, 'copy')];
    writeFileSync(input, CORE);
    await body(folder, (options = {}) => redact({ input, output, keep: 'backtrace', ...options }));
    const there = readdirSync(folder).filter((name) => name !== 'copy.manifest.json');
    expect(there.sort()).toEqual([...files].sort());
    if (existsSync(input)) expect(readFileSync(input).subarray(0, CORE.length).equals(CORE)).toBe(true);
  });

describe('the output', () => {
  test('is a file of its owner alone', () =>
    inFolder(['dump', 'copy'], async (folder, call) => {
      const { sha256, bytes } = await call();
      const file = join(folder, 'copy');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(sha256);
      expect(bytes).toBe(statSync(file).size);
    }));

  test('has holes', () =>
    inFolder(['dump', 'copy'], async (folder, call) => {
      const fd = Buffer.concat([CORE, Buffer.alloc(2 ** 24)]);
      writeFileSync(join(folder, 'dump'), fd);
      await call();
      expect(statSync(join(folder, 'copy')).blocks * 512).toBeLessThan(2 ** 18);
    }));

  test('is replaced with force alone, and by another file', () =>
    inFolder(['dump', 'copy', 'link'], async (folder, call) => {
      writeFileSync(join(folder, 'copy'), 'old');
      linkSync(join(folder, 'copy'), join(folder, 'link'));
      await expect(call()).rejects.toMatchObject({ code: 'output-exists', exit: 3 });
      expect(readFileSync(join(folder, 'copy'), 'utf8')).toBe('old');
      await call({ force: true });
      expect(statSync(join(folder, 'copy')).size).toBe(CORE.length);
      expect(readFileSync(join(folder, 'link'), 'utf8')).toBe('old');
    }));

  const REFUSED: [name: string, code: string, make: (folder: string) => void][] = [
    ['a link to the input', 'output-is-link', (folder) => symlinkSync('dump', join(folder, 'copy'))],
    ['a link to nothing', 'output-is-link', (folder) => symlinkSync('none', join(folder, 'copy'))],
    ['a hard link to the input', 'output-is-input', (f) => linkSync(join(f, 'dump'), join(f, 'copy'))],
    ['a folder', 'output-is-folder', (folder) => mkdirSync(join(folder, 'copy'))],
  ];
  test.each(REFUSED)('is not %s, even with force', (_name, code, make) =>
    inFolder(['dump', 'copy'], async (folder, call) => {
      make(folder);
      await expect(call({ force: true })).rejects.toMatchObject({ code, exit: 3 });
    }),
  );

  test('is not the input', () =>
    inFolder(['dump'], async (folder, call) => {
      const output = join(folder, 'dump');
      await expect(call({ output, force: true })).rejects.toMatchObject({ code: 'output-is-input' });
    }));

  test('needs a folder that is there', () =>
    inFolder(['dump'], async (folder, call) => {
      const output = join(folder, 'none', 'copy');
      await expect(call({ output })).rejects.toMatchObject({ code: 'output-not-written', exit: 3 });
    }));

  test('that appears meanwhile is not replaced', () =>
    inFolder(['dump', 'copy'], async (folder, call) => {
      const onProgress = () => writeFileSync(join(folder, 'copy'), 'other');
      await expect(call({ onProgress })).rejects.toMatchObject({ code: 'output-exists' });
      expect(readFileSync(join(folder, 'copy'), 'utf8')).toBe('other');
    }));
});

describe('there is no output', () => {
  const CHANGES: [name: string, change: (file: string) => void][] = [
    ['grows', (file) => appendFileSync(file, 'more')],
    ['is written to', (file) => writeFileSync(file, CORE)],
  ];
  test.each(CHANGES)('if the input %s meanwhile', (_name, change) =>
    inFolder(['dump'], async (folder, call) => {
      const onProgress = () => change(join(folder, 'dump'));
      await expect(call({ onProgress })).rejects.toMatchObject({ code: 'file-changed', exit: 2 });
    }),
  );

  test('if the input is replaced meanwhile', () =>
    inFolder(['dump', 'old'], async (folder, call) => {
      const onProgress = () => {
        renameSync(join(folder, 'dump'), join(folder, 'old'));
        writeFileSync(join(folder, 'dump'), CORE);
      };
      let times = 0;
      const once = () => (times++ === 0 ? onProgress() : undefined);
      await expect(call({ onProgress: once })).rejects.toMatchObject({ code: 'file-changed', exit: 2 });
    }));

  test('if the copy is stopped, and its error is the reason of the signal', () =>
    inFolder(['dump'], async (_folder, call) => {
      const controller = new AbortController();
      const onProgress = () => controller.abort('enough');
      await expect(call({ onProgress, signal: controller.signal })).rejects.toBe('enough');
    }));

  test('if what is read back differs', () =>
    inFolder(['dump'], async (folder, call) => {
      let done = false;
      const onProgress = () => {
        const [temporary] = readdirSync(folder).filter((name) => name.startsWith('.dumpsieve-'));
        const file = join(folder, temporary!);
        if (done || statSync(file).size === 0) return;
        done = true;
        writeFileSync(file, Buffer.alloc(16, 1), { flag: 'r+' });
      };
      await expect(call({ onProgress })).rejects.toMatchObject({ code: 'output-differs', exit: 2 });
    }));

  const INPUTS: [name: string, bytes: Buffer, code: string, exit: number][] = [
    ['is empty', Buffer.alloc(0), 'empty-input', 2],
    ['is of another format', Buffer.from('any text'), 'redact-format', 3],
    ['is a heap dump without a header', Buffer.from('JAVA PROFILE 1.0.2\0....'), 'redact-heap-header', 2],
    ['is a truncated snapshot', Buffer.from('{"snapshot":{"meta":{'), 'redact-snapshot-form', 2],
    ['is cut gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), 'container-truncated', 2],
  ];
  test.each(INPUTS)('if the input %s', (_name, bytes, code, exit) =>
    inFolder(['dump', 'input'], async (folder, call) => {
      const input = join(folder, 'input');
      writeFileSync(input, bytes);
      await expect(call({ input })).rejects.toMatchObject({ code, exit });
    }),
  );

  test('if the input is missing or a folder', () =>
    inFolder(['dump'], async (folder, call) => {
      await expect(call({ input: join(folder, 'none') })).rejects.toMatchObject({ exit: 3 });
      await expect(call({ input: folder })).rejects.toMatchObject({ code: 'input-no-file', exit: 3 });
    }));

  test('after a wrong call', () =>
    inFolder(['dump'], async (_folder, call) => {
      const wrong = { keep: 'some' } as unknown as Partial<RedactOptions>;
      await expect(call(wrong)).rejects.toMatchObject({ code: 'wrong-option', exit: 3 });
    }));
});
