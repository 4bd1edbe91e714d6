import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { withTempDir } from '../../support/folder.js';
import { AddProcess, type AddRequest, contentOf } from './add-processes.js';
import { makeDumps } from './made-dumps.js';

/** `hunt add` against what ends it; bench/fleet-kills.ts has more dumps, and more kills. */

/** 500 dumps: copies cost nothing but their hash. */
const MADE = { count: 250, shared: 40, copies: 249, poison: 1 };
const KILLS = 8;
/** The rules of what the dumps hold: the others take each process longer than its scans. */
const ONLY = { only: ['private-key-pem', 'github-token'] };
/** Scans that begin before a kill, on average. */
const BETWEEN = 24;

const DEAD = [{ name: 'poison-0.core', crashes: 3, dead: true }];

const scansIn = (log: string): string[] => readFileSync(log, 'utf8').trim().split('\n');

test('a store has the same answers after many kills as after none, and two runs at once', async () => {
  await withTempDir(async (folder) => {
    const dumps = join(folder, 'dumps');
    mkdirSync(dumps);
    makeDumps(dumps, MADE);
    const request = (name: string): AddRequest => ({
      options: { store: join(folder, name), paths: [dumps], jobs: 1, scanner: ONLY },
      heartbeat: 10,
      log: join(folder, `${name}.log`),
    });

    // Two at once on one file.
    const both = [new AddProcess(request('whole')), new AddProcess(request('whole'))];
    const results = await Promise.all(both.map((each) => each.result()));
    const whole = await contentOf(join(folder, 'whole'));
    expect(whole).toMatchObject({ problems: [], failures: DEAD });
    expect(results.map(({ exit }) => exit)).toEqual([1, 1]);
    expect(results.reduce((sum, { counts }) => sum + counts.scanned, 0)).toBe(MADE.count);
    expect(results.reduce((sum, { counts }) => sum + counts.dead, 0)).toBe(MADE.poison);
    // No content is scanned twice, whatever its names are.
    const scans = scansIn(join(folder, 'whole.log'));
    expect(scans.length).toBe(MADE.count + 3 * MADE.poison);

    const random = new SeededRandom('kills');
    const log = join(folder, 'killed.log');
    for (let kill = 0; kill < KILLS; kill++) {
      const killed = new AddProcess(request('killed'));
      // The last one while it starts, lists and opens processes.
      const isEarly = kill === KILLS - 1;
      const scans = isEarly ? 0 : 1 + random.below(2 * BETWEEN);
      expect(await killed.killAfter(scans, log, random.below(isEarly ? 1_000 : 30))).toBe(true);
      expect((await contentOf(join(folder, 'killed'))).problems).toEqual([]);
    }
    const last = await new AddProcess(request('killed')).result();
    expect(last).toMatchObject({ exit: 1, pending: MADE.poison });
    expect(await contentOf(join(folder, 'killed'))).toEqual(whole);
    // What was stored before a kill is not scanned again: at most what was under way.
    const again = scansIn(log).length - MADE.count - 3 * MADE.poison;
    expect(again).toBeGreaterThan(0);
    expect(again).toBeLessThanOrEqual(KILLS);
  });
});
