import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { runCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';

const GUIDE = readFileSync(asset('CONTRIBUTING.md'), 'utf8');
const ROOT = fileURLToPath(asset('.'));

/** The modules of the worked examples, and what of src/ they import. */
const EXAMPLES = ['src/formats/toy/toy.ts', 'src/report/brief.ts'];
const IMPORTED = [
  'src/core/base',
  'src/core/model',
  'src/formats/memory',
  'src/report/event-reporter.ts',
  'src/report/types.ts',
  'src/core/limits/costs.ts',
  'src/core/limits/limit.ts',
  'src/core/limits/other-limits.ts',
  'src/core/limits/shared-limits.ts',
  'src/core/limits/searches.ts',
  'src/sweep/job.ts',
  'src/sweep/marks.ts',
];

/** What the compiler says of the examples, in a tree with the project's own modules around them. */
async function compilerSays(examples: readonly string[]): Promise<string> {
  return withTempDir(async (folder) => {
    for (const path of [...EXAMPLES, ...IMPORTED])
      mkdirSync(join(folder, dirname(path)), { recursive: true });
    for (const path of IMPORTED) symlinkSync(join(ROOT, path), join(folder, path));
    for (const [i, path] of EXAMPLES.entries()) writeFileSync(join(folder, path), examples[i]!);
    const { compilerOptions } = JSON.parse(readFileSync(asset('tsconfig.json'), 'utf8')) as {
      compilerOptions: Record<string, unknown>;
    };
    const { incremental: _incremental, tsBuildInfoFile: _file, ...options } = compilerOptions;
    const config = {
      compilerOptions: {
        ...options,
        rootDir: '/',
        noEmit: true,
        typeRoots: [join(ROOT, 'node_modules/@types')],
      },
      files: EXAMPLES,
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    const tsc = fileURLToPath(asset('node_modules/typescript/bin/tsc'));
    return spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' }).stdout;
  });
}

test('the worked examples compile', async () => {
  const examples = [...GUIDE.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);
  expect(examples).toHaveLength(EXAMPLES.length);
  expect(await compilerSays(examples)).toBe('');
  expect(
    await compilerSays(examples.map((code) => code.replace(/MAGIC\.length|location\.offset/, 'wrong'))),
  ).toMatch(/TS\d+/);
});

test('the example of a rule passes its own check', async () => {
  const rule = /^```yaml\n([\s\S]*?)^```$/m.exec(GUIDE)?.[1] ?? '';
  await withTempDir(async (folder) => {
    writeFileSync(join(folder, 'acme.yaml'), rule);
    const { status, stdout } = await runCli(['rules', 'check', '--rules', folder]);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/, 0 problems\n$/)]);
    const { stdout: shown } = await runCli(['rules', 'show', 'acme-token', '--rules', folder]);
    expect(shown).toContain('acme-token');
  });
});
