import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../src/core/base/crypto/secret.js';
import type { Detector, SecretCandidate } from '../../src/detect/core/types.js';
import { Examiner, examine } from '../../src/detect/examine.js';
import fc from '../support/property.js';
import { candidates, detect, detectors, hitsOf, noise, planted, rule, ruleSet, viewOf } from './harness.js';
import { rsa } from './keys.js';

const der = rsa.export({ format: 'der', type: 'pkcs8' }) as Buffer;
const pem = Buffer.from((rsa.export({ format: 'pem', type: 'pkcs8' }) as string).trimEnd());

describe('segments in different orders in memory and file', () => {
  const [before, between, after] = [noise(300, 4), noise(500, 5), noise(400, 6)];

  test.each([
    ['DER', der],
    ['PEM', pem],
  ])('%s across a seam at every hundredth offset', (_, key) => {
    for (let split = 20; split < key.length; split += 97) {
      // The second half precedes the first in the file.
      const [head, tail] = [key.subarray(0, split), key.subarray(split)];
      const bytes = Buffer.concat([tail, after, between, before, head]);
      const first = { offset: bytes.length - split - before.length, length: before.length + split };
      const second = { offset: 0, length: tail.length + after.length };
      const found = candidates(detect(bytes, ['der', 'pem'], [[first, second]]));
      const whole = found.filter(({ partial }) => !partial);
      expect(whole).toHaveLength(1);
      expect(found).toEqual(whole);
      expect(whole[0]!.extents).toEqual([
        { offset: bytes.length - split, length: split },
        { offset: 0, length: tail.length },
      ]);
      expect([whole[0]!.length, whole[0]!.notAdjacentInMemory]).toEqual([key.length, false]);
    }
  });

  test('a key that is contiguous only in file order is marked; its part in memory order is dropped', () => {
    for (const split of [100, 700, 1000]) {
      const bytes = Buffer.concat([before, der, after, between]);
      const at = before.length + split;
      const runs = [
        [
          { offset: 0, length: at },
          { offset: bytes.length - between.length, length: between.length },
        ],
        [{ offset: at, length: der.length - split + after.length }],
      ];
      const found = candidates(detect(bytes, ['der'], runs));
      expect(
        found.map((one) => [one.offset, one.length, one.partial, one.notAdjacentInMemory, one.confidence]),
      ).toEqual([[before.length, der.length, false, true, 'high']]);
    }
  });

  test('a pattern that matches only in file order is demoted', () => {
    const token: Detector = {
      name: 'der',
      *examine({ hits, view, order, rule }) {
        for (const hit of hits) {
          const window = view.window(hit.offset, 0, 5, order);
          if (Buffer.from(window.bytes).toString() !== 'abcde') continue;
          const found: SecretCandidate = {
            type: 'candidate',
            rule,
            offset: hit.offset,
            length: 5,
            extents: window.extents(0, 5),
            notAdjacentInMemory: false,
            secret: Secret.text('abcde'),
            confidence: 'high',
            evidence: [],
            notes: [],
            partial: false,
            preview: '',
          };
          yield found;
        }
      },
    };
    const rules = ruleSet({ ...rule('der'), anchors: [{ bytes: Buffer.from('abc'), text: true }] });
    const bytes = Buffer.from('..abcde..');
    const view = viewOf(bytes, [[{ offset: 0, length: 6 }], [{ offset: 6, length: 3 }]]);
    const examiner = new Examiner(rules, view, { table: new Map([['der', token]]) });
    const found = candidates([...examiner.push(hitsOf(bytes, rules)), ...examiner.finish()]);
    expect(found.map((one) => [one.notAdjacentInMemory, one.confidence, one.notes.length])).toEqual([
      [true, 'low', 1],
    ]);
  });
});

test('a key with hits of several anchors and rules is found once', () => {
  const rules = ruleSet(
    rule('der', 'one'),
    rule('der', 'two'),
    rule('pem', 'three'),
    rule('openssh', 'four'),
  );
  const bytes = Buffer.concat([planted(der, 10), pem, noise(50)]);
  const found = [...examine(hitsOf(bytes, rules), rules, viewOf(bytes))];
  expect(found.map((one) => [one.offset, one.length])).toEqual([
    [10, der.length],
    [10 + der.length + 100, pem.length],
  ]);
});

test('findings of several rules at one place are kept if their grades differ', () => {
  const one = rule('der', 'one');
  const rules = ruleSet(
    { ...one, severity: 'low' },
    { ...one, id: 'graver', severity: 'high' },
    { ...one, id: 'same', severity: 'high' },
  );
  const bytes = planted(der, 10);
  const found = candidates([...examine(hitsOf(bytes, rules), rules, viewOf(bytes))]);
  expect(found.map((each) => [each.offset, each.rule.id])).toEqual(['one', 'graver'].map((id) => [10, id]));
});

test('the result does not depend on the batches', () => {
  const bytes = Buffer.concat(
    Array.from({ length: 12 }, (_, i) => planted(i % 2 === 0 ? der : pem, 31 * i, 20_000)),
  );
  const rules = ruleSet(rule('der'), rule('pem'), rule('spki'));
  const hits = hitsOf(bytes, rules);
  const places = (found: Iterable<{ offset: number; length: number }>) =>
    [...found].map((one) => `${one.offset}+${one.length}`).sort();
  const all = places(examine(hits, rules, viewOf(bytes)));
  expect(all).toHaveLength(12);
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(hits.offsets.length), { maxLength: 5 }), (cuts) => {
      const examiner = new Examiner(rules, viewOf(bytes));
      const bounds = [0, ...cuts.sort((a, b) => a - b), hits.offsets.length];
      const found = bounds.flatMap((from, i) => {
        const to = bounds[i + 1] ?? from;
        return [...examiner.push({ offsets: hits.offsets.slice(from, to), ids: hits.ids.slice(from, to) })];
      });
      return JSON.stringify(places([...found, ...examiner.finish()])) === JSON.stringify(all);
    }),
    { numRuns: 30 },
  );
});

test('an unknown detector is an error that lists the known ones', () => {
  expect(() => new Examiner(ruleSet(rule('nothing')), viewOf(Buffer.alloc(0)))).toThrow(
    /names the detector "nothing"/,
  );
  expect([...detectors.keys()]).toEqual(expect.arrayContaining(['pem', 'der', 'openssh', 'jwk', 'spki']));
});
