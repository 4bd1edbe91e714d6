import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../../src/core/model/report.js';
import type { SecretCandidate } from '../../../src/detect/core/types.js';
import { Fold } from '../../../src/scan/policy/fold.js';
import { judged, strongText } from '../../prove/judge/judged-builder.js';
import { withTempDir } from '../../support/folder.js';
import fc from '../../support/property.js';
import { scan } from '../../support/scan.js';
import { addJudged } from './add-judged.js';

/** Notes belong to places: a note of one copy says nothing of another copy of the same secret. */

const TOKEN = strongText(11);

function folded(sightings: readonly Partial<SecretCandidate>[]): Finding {
  const fold = new Fold({});
  fold.artifact(0, { path: 'dump', mtime: undefined });
  for (const each of sightings) addJudged(fold, judged(TOKEN, each));
  const [finding, ...rest] = [...fold.findings()];
  expect(rest).toEqual([]);
  return finding!;
}

const notesOf = ({ notes, occurrences }: Finding) => [notes, ...occurrences.map((place) => place.notes)];

describe('notes', () => {
  const ROWS: [what: string, sightings: Partial<SecretCandidate>[], notes: unknown[]][] = [
    ['of the only place', [{ notes: ['cut'] }], [['cut'], undefined]],
    ['of all places', [{ notes: ['cut'] }, { offset: 100, notes: ['cut'] }], [['cut'], undefined, undefined]],
    ['of one place', [{}, { offset: 100, notes: ['cut'] }], [[], undefined, ['cut']]],
    [
      'of two places, and of both',
      [{ notes: ['a', 'b'] }, { offset: 100, notes: ['b', 'c'] }],
      [['b'], ['a'], ['c']],
    ],
    [
      'of a weaker candidate, which a better one refutes',
      [
        { confidence: 'low', notes: ['made up'] },
        { offset: 100, confidence: 'high' },
      ],
      [[], undefined, undefined],
    ],
    [
      'of a better candidate',
      [{ confidence: 'low' }, { offset: 100, confidence: 'high', notes: ['cut'] }],
      [['cut'], undefined, undefined],
    ],
  ];
  test.each(ROWS)('%s', (_what, sightings, notes) => {
    expect(notesOf(folded(sightings))).toEqual(notes);
    expect(notesOf(folded(sightings.toReversed()))).toEqual(notes);
  });

  test('do not depend on the order of candidates, and stay at their places', () => {
    const sighting = fc.record({
      offset: fc.integer({ min: 0, max: 8 }).map((n) => n * 100),
      confidence: fc.constantFrom('low', 'high') as fc.Arbitrary<'low' | 'high'>,
      notes: fc.subarray(['a', 'b', 'c']),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(sighting, { minLength: 1, maxLength: 6, selector: (s) => s.offset }),
        (all) => {
          const strongest = all.some((each) => each.confidence === 'high') ? 'high' : 'low';
          const best = all.filter((each) => each.confidence === strongest);
          const common = ['a', 'b', 'c'].filter((note) => best.every((each) => each.notes.includes(note)));
          const true_ = ['a', 'b', 'c'].filter((note) => best.some((each) => each.notes.includes(note)));
          for (const order of [all, all.toReversed()]) {
            const { notes, occurrences } = folded(order);
            expect(notes).toEqual(common);
            for (const { offset, notes: own = [] } of occurrences) {
              const { notes: given } = all.find((each) => each.offset === offset)!;
              expect(own).toEqual(given.filter((note) => true_.includes(note) && !common.includes(note)));
            }
          }
        },
      ),
    );
  });
});

test('a whole PEM is not called truncated because of another copy of its key', () =>
  withTempDir(async (folder) => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    // Without its last values, but with both primes.
    const cut = pem.slice(0, Math.floor(pem.length * 0.75));
    const findingsIn = async (texts: readonly string[]): Promise<Finding[]> => {
      const path = join(folder, 'dump');
      writeFileSync(path, texts.join('\0'.repeat(64)));
      const findings: Finding[] = [];
      for await (const event of scan({ paths: [path] })) if (event.type === 'finding') findings.push(event);
      return findings;
    };
    const [alone] = await findingsIn([cut]);
    expect(alone?.notes.join()).toMatch(/truncated|cut|damaged/);
    for (const texts of [
      [pem, cut],
      [cut, pem],
    ]) {
      const [finding, ...rest] = await findingsIn(texts);
      expect(rest).toEqual([]);
      expect(finding?.notes).toEqual([]);
      const whole = Buffer.from(texts.join('\0'.repeat(64))).indexOf(pem);
      for (const { offset, notes = [] } of finding!.occurrences)
        expect([offset, notes]).toEqual([offset, offset === whole ? [] : alone!.notes]);
    }
  }));
