import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { ArtifactReport, ScanOptions } from '../../src/index.js';
import { withTempDir } from '../support/folder.js';
import { cases } from '../support/property.js';
import { describeWithSamples } from '../support/samples.js';
import { collect, type Scanned } from './collect.js';
import { spoiled } from './elf-fields.js';

/** A tenth of them in each run. */
const POINTS = cases(250);
/** Program headers of a file that are spoiled. */
const HEADERS = cases(64);

/** Fields that shift memory against the file: only these change what the search for bare numbers reads. */
const MOVES = /e_ph|p_(type|offset|vaddr|paddr|filesz)|EI_/;

interface Damaged {
  name: string;
  bytes: Uint8Array;
}

/** Invariants of every artifact, whatever its bytes. Returns the violations as text. */
function faults(artifact: ArtifactReport, size: number): string[] {
  const { coverage, warnings, verdict } = artifact;
  const lost = coverage.file.unread.reduce((sum, { length }) => sum + (length ?? 0), 0);
  const memory = coverage.memory;
  const missing = memory?.missing.reduce((sum, { length }) => sum + length, 0) ?? 0;
  const rules: [string, boolean][] = [
    [
      `says that it has ${coverage.file.bytes} of ${size} bytes`,
      coverage.file.bytes === size && artifact.size === size,
    ],
    ['has unread bytes that are more than the file', lost <= size],
    ['is nothing-found with unread bytes', verdict !== 'nothing-found' || coverage.file.unread.length === 0],
    [
      'has memory that is neither present nor missing',
      !memory || memory.present + missing === memory.described,
    ],
    ['has a negative length', coverage.memory?.missing.every(({ length }) => length >= 0) ?? true],
    [
      'has missing memory without a reason',
      coverage.memory?.missing.every(({ reason }) => reason.length > 0) ?? true,
    ],
    [
      'has a warning without a code or a message',
      warnings.every(({ code, message }) => code !== '' && message !== ''),
    ],
    [
      `has a warning without a hint: ${warnings.find(({ hint }) => !hint)?.code}`,
      warnings.every(({ hint }) => hint !== undefined && hint !== ''),
    ],
    ['has a warning outside the file', warnings.every(({ offset = 0 }) => offset >= 0)],
  ];
  return rules.filter(([, holds]) => !holds).map(([what]) => `${basename(artifact.path)} ${what}`);
}

/** Scans all of them in one run and returns the artifacts by name. */
async function scanAll(
  damaged: readonly Damaged[],
  options: Pick<ScanOptions, 'strict' | 'entropyNet'> = {},
): Promise<Scanned & { byName: Map<string, ArtifactReport> }> {
  return withTempDir(async (folder) => {
    mkdirSync(join(folder, 'dumps'));
    for (const { name, bytes } of damaged) writeFileSync(join(folder, 'dumps', name), bytes);
    const scanned = await collect({ paths: [join(folder, 'dumps')], jobs: 1, ...options });
    return {
      ...scanned,
      byName: new Map(scanned.artifacts.map((artifact) => [basename(artifact.path), artifact])),
    };
  });
}

function expectHonest(
  scanned: Scanned & { byName: Map<string, ArtifactReport> },
  damaged: readonly Damaged[],
): void {
  const { byName, summary, artifacts } = scanned;
  const found = damaged.flatMap(({ name, bytes }) => {
    const artifact = byName.get(name);
    return artifact === undefined ? [`${name} has no artifact event`] : faults(artifact, bytes.length);
  });
  expect(found).toEqual([]);
  // What a core with sections only holds is unread, and swept as plain bytes.
  const lost = artifacts
    .filter(({ warnings }) => warnings.every(({ code }) => code !== 'format-not-parsed'))
    .flatMap(({ coverage }) => coverage.file.unread)
    .reduce((sum, { length }) => sum + (length ?? 0), 0);
  const size = damaged.reduce((sum, { bytes }) => sum + bytes.length, 0);
  expect(summary.bytesScanned + lost).toBe(size);
  expect(summary.exit === 0).toBe(artifacts.every(({ verdict }) => verdict === 'nothing-found'));
  expect(summary.complete).toBe(artifacts.every(({ verdict }) => verdict !== 'incomplete'));
}

describeWithSamples('each ELF sample, through the whole scan', (samples) => {
  const folder = join(samples, 'elf-core');
  const names = readdirSync(folder);

  test.each(names)(
    `%s cut at ${POINTS} points is swept to its end and reports the missing part`,
    async (name) => {
      const whole = readFileSync(join(folder, name));
      // Four bytes do not identify a format.
      const lengths = new Set(
        Array.from({ length: POINTS }, (_, i) => Math.floor((whole.length * i) / POINTS)),
      );
      const damaged = [...lengths]
        .filter((length) => length === 0 || length > 4)
        .map((length) => ({
          name: `cut.${length}`,
          bytes: whole.subarray(0, length),
        }));
      const plain = await scanAll(damaged);
      expectHonest(plain, damaged);
      // The search for bare numbers has already processed these bytes.
      const strict = await scanAll([...damaged, { name: 'whole', bytes: whole }], {
        strict: true,
        entropyNet: false,
      });
      // A cut outside the bytes that the headers describe (section headers, padding) need not be reported.
      const described = strict.byName.get('whole')?.coverage.memory;
      const silent = [...strict.byName].filter(
        ([cut, { verdict, coverage }]) =>
          verdict === 'nothing-found' &&
          cut !== 'whole' &&
          cut !== 'cut.0' &&
          coverage.memory?.present !== described?.present,
      );
      expect(silent.map(([cut]) => cut)).toEqual([]);
    },
  );

  test.each(names)(
    '%s with each header field set to 0, all ones and its neighbour is swept to its end',
    async (name) => {
      const damaged = [...spoiled(readFileSync(join(folder, name)))]
        .filter(({ name: field }) => Number(/^program header (\d+)/.exec(field)?.[1] ?? 0) < HEADERS)
        .map(({ name: field, bytes }, i) => ({ name: `field.${i}`, moves: MOVES.test(field), bytes }));
      expect(damaged.length).toBeGreaterThan(40);
      for (const moves of [true, false]) {
        const some = damaged.filter((each) => each.moves === moves);
        expectHonest(await scanAll(some, { entropyNet: moves }), some);
      }
    },
  );
});
