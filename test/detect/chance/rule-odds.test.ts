import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import { oddsOf } from '../../../src/detect/chance/rule-odds.js';
import { ValueCensus } from '../../../src/detect/chance/value-census.js';
import { recordOf } from '../../../src/detect/chance/value-record.js';
import { examine } from '../../../src/detect/examine.js';
import { createView } from '../../../src/formats/memory/view.js';
import { rawDump } from '../../../src/formats/others/raw/raw.js';
import { loadBuiltin } from '../../../src/rules/builtin.js';
import { compileRules } from '../../../src/rules/compile.js';
import type { Anchor, Rule } from '../../../src/rules/types.js';
import { BASE62, BASE64URL, randomValues } from './random-values.js';

const builtin = loadBuiltin();
const ruleOf = (id: string): Rule => builtin.find((rule) => rule.id === id)!;

const anchor = (text: string): Anchor => ({ bytes: Buffer.from(text), text: true });
const rule = (pattern: string, anchors: string[], more: Partial<Rule> = {}): Rule => {
  const { entropy: _entropy, near: _near, ...model } = ruleOf('yandex-static-secret');
  return {
    ...model,
    id: 'model',
    pattern,
    anchors: anchors.map(anchor),
    window: { before: 0, after: 80 },
    ...more,
  };
};

/** Random values with a NUL between two, and their census. */
function memory(seed: string, count: number, alphabet: string, lengths: readonly number[]) {
  const census = new ValueCensus();
  const texts = randomValues(seed, count, { alphabet, lengths });
  for (const text of texts) census.add(...recordOf(Buffer.from(text), 0, text.length));
  return { bytes: Buffer.from(`\0${texts.join('\0')}\0`), counts: census.counts() };
}

/** Matches of the detector, examined at each place of an anchor or a name. */
function matches(bytes: Buffer, model: Rule): number {
  const set = compileRules([model]);
  const hits = set.literals.flatMap((literal, index) =>
    Array.from(
      bytes.toString('latin1').matchAll(new RegExp(Buffer.from(literal.bytes).toString(), 'g')),
      (hit) => ({
        offset: hit.index,
        id: 2 * index,
      }),
    ),
  );
  hits.sort((a, b) => a.offset - b.offset || a.id - b.id);
  const columns = { offsets: hits.map(({ offset }) => offset), ids: hits.map(({ id }) => id) };
  return [...examine(columns, set, createView(bufferReader(bytes), rawDump()))].length;
}

describe('the matches to expect are those that the detector finds', () => {
  const letters = { anchors: ['abc'], within: 40 };
  test.each<[string, Rule, alphabet: string, lengths: number[]]>([
    ['at the start, of one length', rule('(?P<secret>q[0-9A-Za-z_-]{23})', ['q']), BASE64URL, [24]],
    [
      'by one of three characters',
      rule('(?P<secret>[qrs][0-9A-Za-z]{19})', ['q', 'r', 's']),
      BASE62,
      [20, 21],
    ],
    ['of a range', rule('(?P<secret>q[0-9A-Za-z_-]{17,27})', ['q']), BASE64URL, [16, 18, 24, 28, 30]],
    ['without an end', rule('(?P<secret>q[0-9A-Za-z_-]{17,})', ['q']), BASE64URL, [17, 18, 60]],
    [
      'with a separator in short values, half of which lack one',
      rule(
        '(?P<secret>[q-x]-[0-9A-Za-z]{16})',
        Array.from('qrstuvwx', (first) => `${first}-`),
      ),
      BASE64URL,
      [18],
    ],
    ['behind a separator', rule('(?P<secret>q[0-9A-Za-z]{7})', ['q']), `${BASE62}+/`, [64]],
    ['in base64, where the token ends', rule('(?P<secret>q[0-9A-Za-z_-]{15})', ['q']), `${BASE62}+/`, [64]],
    [
      'of two forms',
      rule('(?P<secret>q[0-9A-Za-z]{19}|k[a-z]{3}[0-9A-Za-z]{26})', ['q', 'k']),
      BASE62,
      [20, 30],
    ],
    ['of hex digits', rule('(?P<secret>a[0-9a-f]{31})', ['a']), '0123456789abcdef', [32]],
    ['of hex digits in base62: none', rule('(?P<secret>a[0-9a-f]{31})', ['a']), BASE62, [32]],
    [
      'with a name that is near by chance',
      rule('(?P<secret>q[0-9A-Z]{19})', ['q'], {
        near: { anchors: letters.anchors.map(anchor), within: letters.within },
      }),
      'ABCabcqQ',
      [20],
    ],
  ])('%s', (name, model, alphabet, lengths) => {
    const { bytes, counts } = memory(name, 12_000, alphabet, lengths);
    const found = matches(bytes, model);
    const { expected } = oddsOf(model).expectedIn(counts);
    if (model.near) {
      // An upper bound: several names count as often.
      expect(expected).toBeGreaterThanOrEqual(found - 4 * Math.sqrt(found));
      return;
    }
    if (name.endsWith('none')) expect(found).toBe(0);
    else expect(found).toBeGreaterThan(9);
    expect(Math.abs(found - expected)).toBeLessThan(4 * Math.sqrt(expected) + 0.1 * expected + 1);
  });
});

describe('the bits of a pattern', () => {
  test.each([
    ['yandex-static-secret', 13, true],
    ['brave-search-key', 15, true],
    ['nuget-key', 15, true],
    ['aws-secret-access-key', 10, true],
    ['npm-token', 24, true],
    ['databricks-token', 58, false],
    ['github-fine-grained-token', 69, false],
  ])('%s', (id, least, weak) => {
    const odds = oddsOf(ruleOf(id));
    expect(odds.isWeak).toBe(weak);
    expect(odds.bits).toBeGreaterThan(least - 2);
    expect(odds.bits).toBeLessThan(least + 2);
  });

  test('of all rules with a pattern are known', () => {
    const rules = builtin.filter(({ detector }) => detector === 'text');
    for (const each of rules) expect(oddsOf(each).bits).toBeGreaterThanOrEqual(0);
    expect(rules.filter((each) => oddsOf(each).isWeak).length).toBeGreaterThan(90);
  });
});
