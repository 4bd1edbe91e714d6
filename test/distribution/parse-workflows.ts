import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as parser from '@actions/workflow-parser';
import { rolldown } from 'rolldown';
import { asset } from '../../src/core/base/runtime/assets.js';

/**
 * A program: reads a JSON list of workflows from standard input and prints for each the errors found by
 * GitHub's own parser. The parser is bundled first, since its JSON imports lack the attributes that Node
 * requires; the bundler does not run inside jest's contexts.
 */
async function load(folder: string): Promise<typeof parser> {
  const file = join(folder, 'parser.mjs');
  const cwd = fileURLToPath(asset('.'));
  const bundle = await rolldown({
    input: '@actions/workflow-parser',
    cwd,
    platform: 'node',
    logLevel: 'silent',
  });
  await bundle.write({ file, format: 'esm' });
  await bundle.close();
  return (await import(pathToFileURL(file).href)) as typeof parser;
}

const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-workflow-'));
try {
  const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await load(folder);
  const problems = (JSON.parse(readFileSync(0, 'utf8')) as string[]).map(async (content) => {
    const { context, value } = parseWorkflow({ name: 'ci.yml', content }, new NoOperationTraceWriter());
    if (value) await convertWorkflowTemplate(context, value);
    return context.errors.getErrors().map(({ message }) => message);
  });
  process.stdout.write(JSON.stringify(await Promise.all(problems)));
} finally {
  rmSync(folder, { recursive: true });
}
