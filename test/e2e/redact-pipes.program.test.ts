import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { BuiltProcess } from '../redact/built-core.js';
import { runBash } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';

/** Copies through pipes, as a shell makes them. */
const CORE = Buffer.concat([new BuiltProcess('pipes').core().bytes, Buffer.alloc(2 ** 20)]);

const inFolder = (
  body: (folder: string, run: (script: string) => ReturnType<typeof runBash>) => Promise<void>,
): Promise<void> =>
  withTempDir(async (folder) => {
    writeFileSync(join(folder, 'dump'), CORE);
    await body(folder, (script) => runBash(`set -o pipefail; ${script}`, { cwd: folder }));
  });

const REDACT = 'dumpsieve redact --keep backtrace';

describe('redact', () => {
  let copy: Buffer;
  beforeAll(() =>
    inFolder(async (folder, run) => {
      await run(`${REDACT} dump -o copy`);
      copy = readFileSync(join(folder, 'copy'));
    }),
  );

  test.each([
    ['cat dump | REDACT - -o copy'],
    ['REDACT - -o copy < dump'],
    ['cat dump | REDACT - -o - --manifest m | cat > copy'],
    ['REDACT dump -o - --manifest m > copy'],
    ['gzip -c dump | REDACT - -o - --manifest m | gzip -dc > copy'],
    ['zstd -qc dump | REDACT - -o c.zst && zstd -qdc c.zst > copy'],
  ])('%s', (script) =>
    inFolder(async (folder, run) => {
      const { status, stdout, stderr } = await run(script.replace('REDACT', REDACT));
      const summary = script.includes('-o -') ? stderr : stdout;
      expect(status).toBe(0);
      expect(summary).toMatch(/^elf-core: kept [\s\S]*\nmanifest: /);
      expect(stdout + stderr).toBe(summary);
      expect(readFileSync(join(folder, 'copy')).equals(copy)).toBe(true);
    }),
  );

  test.each<[script: string, status: number, said: RegExp]>([
    ['REDACT dump -o - --manifest m | head -c 9 > copy', 141, /^$/],
    ['REDACT dump -o - --manifest m > /dev/full', 3, /output-not-written/],
    ['REDACT dump -o - --manifest m >> dump', 3, /output-is-input/],
    ['REDACT - -o dump --force < dump', 3, /output-is-input/],
    ['REDACT dump -o - > copy', 3, /manifest-not-named[\s\S]*--manifest FILE/],
    ['REDACT - -o copy < /dev/null', 2, /empty-input: -: nothing arrived/],
    ['head -c 9999 dump | gzip -c | head -c 99 | REDACT - -o copy', 2, /container-truncated: -: /],
  ])('%s', (script, status, said) =>
    inFolder(async (folder, run) => {
      const result = await run(script.replace('REDACT', REDACT));
      expect(result.status).toBe(status);
      expect(result.stderr).toMatch(said);
      if (status !== 0) expect(existsSync(join(folder, 'm'))).toBe(false);
      expect(readFileSync(join(folder, 'dump')).equals(CORE)).toBe(true);
    }),
  );
});
