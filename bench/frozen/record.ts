import { CELL_SECRETS, cells, memoryOf } from './cells.js';
import { frozenSet } from './inputs.js';
import type { Program } from './program.js';
import type { Recorder } from './recorder.js';

const FIND = CELL_SECRETS.flatMap(({ path }) => ['--find', path]);

/** Scans of each cell, copies of a folder of them, and masked texts. */
function recordCells(program: Program, recorder: Recorder, only: string): void {
  const all = cells().filter(({ name }) => `cells/${name} bare/${name}`.includes(only));
  if (all.length === 0) return;
  for (const cell of all) {
    for (const [folder, bare] of [
      ['cells', false],
      ['bare', true],
    ] as const) {
      const bytes = memoryOf(cell, bare);
      program.write(`${folder}/${cell.name}`, bytes);
      recorder.add(`${folder}/${cell.name} / input / bytes`, bytes);
    }
    program.scan(`cells/${cell.name}`, [], 'scan', ['json']);
    if (cell.isNumber) program.scan(`bare/${cell.name}`, FIND, 'find', ['json']);
  }
  const files = all.map(({ name }) => name);
  program.redact('cells', 'cells', 'redact', [], files);
  program.redact('bare', 'bare', 'redact', FIND, files);
  const texts = all.filter(({ isText }) => isText);
  program.mask(
    new Map(texts.map(({ name, form }) => [`cells/${name}`, `before ${form.toString('utf8')} behind`])),
    CELL_SECRETS.map(({ path }) => path),
  );
}

/** Runs the program over the set, or over the inputs whose name contains `only`. Returns groups left out. */
export function record(program: Program, recorder: Recorder, only = ''): string[] {
  const { inputs, files, absent } = frozenSet();
  for (const { path, text } of [...files, ...CELL_SECRETS]) program.write(path, text);
  for (const input of inputs) if (input.name.includes(only)) program.run(input);
  recordCells(program, recorder, only);
  return absent;
}
