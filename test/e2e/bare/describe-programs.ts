import { appendFileSync, rmSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { scanJson } from '../../support/cli.js';
import { describeWith } from '../../support/describe.js';
import { withTempDir } from '../../support/folder.js';
import { type KeyResult, keyResults, row } from './key-result.js';
import { freshKeys, writeKeys } from './keys.js';
import { sightingsIn } from './oracle.js';
import { dumpOf, type Process, type Program, removeCompiled, stopAll } from './program.js';

/**
 * Keys in programs that have loaded and used them and whose key files are gone. Every dump is searched byte
 * by byte for the known keys, and the report of a scan is compared with the result.
 */

const results: KeyResult[] = [];

async function examine(name: string, keys: ReturnType<typeof freshKeys>, process: Process, folder: string) {
  const path = await dumpOf(process, folder);
  const held = keys as Record<string, NonNullable<(typeof keys)['rsa']>>;
  const { status, stderr, report } = await scanJson([path]);
  const title = process.role === undefined ? name : `${name}, ${process.role}`;
  const made = keyResults(title, held, report, sightingsIn(path, held));
  rmSync(path);
  for (const each of made) {
    results.push(each);
    // The table of bench/records/bare-keys.md.
    const table = globalThis.process.env.DUMPSIEVE_KEYS_TABLE;
    if (table !== undefined) appendFileSync(table, `${row(each)}\n`);
  }
  expect(stderr).toBe('');
  expect(status).toBe(report.findings.some(({ counts }) => counts) ? 1 : 0);
}

/** Share of keys proven, and of the places of their parts. Keys are fresh: chance may hide one or two. */
const LEAST = 0.97;
const SPARED = 2;

const isEnough = (all: number, missed: number): boolean => missed <= Math.max(SPARED, all * (1 - LEAST));

/** Registers the tests of some of the programs. */
export function describePrograms(programs: readonly Program[]): void {
  for (const { name, needs, keys: names, files, start } of programs)
    describeWith(['gdb', ...needs], `keys in ${name}`, () => {
      test('match a byte search', async () => {
        await withTempDir(async (folder) => {
          const keys = freshKeys(names);
          const place = writeKeys(folder, keys, files);
          try {
            const processes = await start(folder);
            rmSync(place, { recursive: true });
            for (const process of processes) await examine(name, keys, process, folder);
          } finally {
            await stopAll();
          }
        });
      });
    });

  test('at least 97 % of the keys present are proven', () => {
    const present = results.filter(({ findable }) => findable);
    const missed = present.filter(({ proven }) => !proven);
    const names = missed.map(row);
    expect({ names, enough: isEnough(present.length, missed.length) }).toEqual({ names, enough: true });
  });

  test('at least 97 % of the places of proven keys are reported', () => {
    const proven = results.filter((each) => each.proven);
    const all = proven.flatMap(({ sighted }) => sighted).length;
    const missed = proven.filter((each) => each.missed.length > 0);
    const names = missed.map(row);
    const places = missed.flatMap((each) => each.missed).length;
    expect({ names, enough: isEnough(all, places) }).toEqual({ names, enough: true });
  });

  test('all places of proven keys have the right names and encodings', () => {
    expect(results.filter(({ proven, misnamed }) => proven && misnamed.length > 0).map(row)).toEqual([]);
  });

  afterAll(removeCompiled);
}
