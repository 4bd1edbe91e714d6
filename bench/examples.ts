/**
 * Recall on the examples of other projects' public rules (bench/examples/README.md).
 *
 *   node dist/bench/examples.js --corpus DIR [--half open|shut] [--peers DIR] [--services] [--missed]
 *                               [--command FILE]
 *
 * `--peers DIR`: also gitleaks, if it is on the path, and secretlint, if it is installed in DIR.
 * `--services`: a table by service. `--missed`: lists what is missed as UTF-8, of the open half only.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { COMMAND } from './command/measure.js';
import { HALVES, type Half, readHalf } from './examples/corpus.js';
import { ENCODINGS, encodeAll } from './examples/encodings.js';
import { runPeers } from './examples/peers.js';
import { type Outcome, outcomesOf } from './examples/scan.js';
import { type Measured, markdown } from './examples/table.js';

const { values } = parseArgs({
  options: {
    corpus: { type: 'string' },
    half: { type: 'string' },
    peers: { type: 'string' },
    services: { type: 'boolean', default: false },
    missed: { type: 'boolean', default: false },
    command: { type: 'string', default: COMMAND },
  },
});
const { corpus } = values;
if (corpus === undefined) throw new Error('--corpus: which folder?');

function measure(half: Half, folder: string): Measured[] {
  const examples = readHalf(corpus!, half);
  const byEncoding: Record<string, Outcome[]> = {};
  for (const encoding of ENCODINGS) {
    const { bytes, places } = encodeAll(examples, encoding);
    const path = join(folder, `${half}.${encoding.name}.raw`);
    writeFileSync(path, bytes);
    byEncoding[encoding.name] = outcomesOf(values.command, path, places);
  }
  const peers = values.peers === undefined ? {} : runPeers(examples, join(folder, half), values.peers);
  const at = <T>(columns: Record<string, T[]>, i: number): Record<string, T> =>
    Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[i]!]));
  return examples.map((example, i) => ({ example, outcomes: at(byEncoding, i), peers: at(peers, i) }));
}

const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-examples-'));
try {
  for (const half of HALVES.filter((name) => values.half === undefined || values.half === name)) {
    const measured = measure(half, folder);
    console.log(`${markdown(half, measured, values.services)}\n`);
    if (values.missed && half === 'open')
      for (const { example, outcomes } of measured)
        if (outcomes['UTF-8'] === 'missed')
          console.log(
            `${example.service}, ${example.shape}, ${example.source}: ${JSON.stringify(example.text)}`,
          );
  }
} finally {
  rmSync(folder, { recursive: true });
}
