/**
 * Signing secrets of web frameworks that run in a process of their own: found and proven in its dump
 * (bench/frameworks/README.md).
 *
 *   node dist/bench/frameworks.js DIR --install [--only TEXT,TEXT]   install what the programs need; as root
 *   node dist/bench/frameworks.js DIR [--only TEXT,TEXT] [--keep]    run, dump, scan, keep the dumps
 *
 * Ends with status 1 if a secret was not found, or not proven where a session can prove it.
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { install, lacking, versionOf } from './frameworks/packages.js';
import { type Framework, frameworks, HELD } from './frameworks/programs.js';
import { runFramework, writeSources } from './frameworks/run.js';
import { isWhole, markdown, type Row } from './frameworks/table.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    install: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false },
  },
});
const [place] = positionals;
if (place === undefined) throw new Error('which folder for packages and dumps?');
const folder = resolve(place);
mkdirSync(folder, { recursive: true });
const words = values.only.split(',');
const chosen = frameworks.filter(({ name }) => words.some((word) => name.includes(word)));

async function rowOf(framework: Framework): Promise<Row> {
  const needed = lacking(framework, folder);
  if (needed.length > 0)
    return { framework, version: '', shown: {}, reason: `${needed.join(', ')} not found` };
  const row: Row = { framework, version: versionOf(framework, folder), shown: {} };
  try {
    for (const held of HELD) {
      const shown = await runFramework(framework, held, folder, values.keep);
      row.shown[held] = shown;
      console.error(`${framework.name}, ${held}: ${shown.seconds.toFixed(1)} s, ${JSON.stringify(shown)}`);
    }
  } catch (error) {
    row.reason = String(error).replaceAll(/\s+/g, ' ').slice(0, 1000);
  }
  return row;
}

if (values.install) install(chosen, folder);
else {
  writeSources(folder);
  const rows: Row[] = [];
  for (const framework of chosen) rows.push(await rowOf(framework));
  console.log(markdown(rows));
  if (!rows.every((row) => row.reason === undefined && isWhole(row))) process.exitCode = 1;
}
