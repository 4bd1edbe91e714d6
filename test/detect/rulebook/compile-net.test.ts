import { expect, test } from '@jest/globals';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import { adaptNet, compileNet } from '../../../src/detect/rulebook/compile-net.js';
import { openRulebook } from '../../../src/detect/rulebook/rulebook.js';
import { scanBytes } from '../../../src/detect/rulebook/scan-bytes.js';
import { compileRules } from '../../../src/rules/compile.js';
import { type RuleSelection, selectRules } from '../../../src/rules/select.js';
import type { Rule, RuleSet } from '../../../src/rules/types.js';
import { HitFilter } from '../../../src/sweep/hit-filter.js';
import { kernelFor, kernelName } from '../../../src/sweep/kernel-select.js';
import { sweepTask } from '../../../src/sweep/sweep-task.js';
import type { Net } from '../../../src/sweep/types.js';
import { ValueFilter } from '../../../src/sweep/value-filter.js';
import { packTables, selectTables, unpackTables } from '../../../src/sweep/values/tables.js';
import { ValueJoin } from '../../../src/sweep/values/value-join.js';
import fc from '../../support/property.js';

const valueJoin = new ValueJoin();

/** Nets of a part of the rules, or of more, are made from the shipped one: they find what a new one finds. */

const base = await openRulebook({});
const all = base.rules.rules;

/** An example of each rule, so that what a net leaves out is there too, and some as UTF-16. */
const examples = all.map((rule) => rule.examples[0] ?? '').join('\n\0');
const text = Buffer.concat([Buffer.from(examples), Buffer.from(examples.slice(0, 20_000), 'utf16le')]);

/** Hits and values that are left when both filters have dropped what they can. */
function kept(net: Net) {
  const name = kernelName();
  const task = { from: 0, to: text.length, chunk: 1 << 20, longest: 4096 };
  const seams = new Float64Array();
  const names = net.values?.names;
  const swept = sweepTask(
    bufferReader(text),
    kernelFor(name, net, true),
    task,
    undefined,
    net.filter && new HitFilter(net.filter, seams),
    names && new ValueFilter(names, seams),
  );
  const { offsets, ids, values } = swept;
  return {
    hits: Array.from(offsets, (offset, i) => [offset, ids[i]!]),
    values: Array.from(values?.offsets ?? [], (offset, i) => [offset, values!.ids[i]!]),
  };
}

const mine = {
  ...all.find(({ id }) => id === 'github-token')!,
  id: 'my-token',
  anchors: ['ghp_', 'zzq', 'AKIA'].map((anchor) => ({ bytes: Buffer.from(anchor), text: true })),
  sha256: undefined,
} as unknown as Rule;

const selections: [what: string, rules: Rule[]][] = [
  ...(
    [
      ['without some rules', { skip: ['github-token', 'service:*', 'a*'] }],
      ['of signing rules', { onlySigning: true }],
    ] as [string, RuleSelection][]
  ).map(([what, selection]): [string, Rule[]] => [what, selectRules(all, selection)]),
  ['with a rule more', [...all, mine]],
];

test.each(selections)('a net %s finds what one finds that is compiled anew', (_what, rules) => {
  const set = compileRules(rules);
  const adapted = kept(adaptNet(set, base));
  expect(adapted).toEqual(kept(compileNet(set)));
  expect(adapted.hits.length).toBeGreaterThan(5);
});

test('rules that are left out are neither found, listed nor counted', async () => {
  const skip = ['a*', 'github-*', 'service:*'];
  const { rules, net } = await openRulebook({ skip });
  const skipped = all.filter((rule) => !rules.rules.includes(rule));
  const sample = (of: readonly Rule[]) => of.slice(0, 60).flatMap(({ examples }) => examples.slice(0, 1));
  const part = Buffer.from([...sample(skipped), ...sample(rules.rules)].join('\n\0'));
  const out = new Set(all.map(({ id }) => id).filter((id) => !rules.rules.some((rule) => rule.id === id)));
  expect(out.size).toBeGreaterThan(100);
  expect(rules.rules).toEqual(all.filter(({ id }) => !out.has(id)));
  expect(rules.sha256).not.toBe(base.rules.sha256);
  const found = (book: { rules: RuleSet; net: Net }) => scanBytes(part, book).map(({ rule }) => rule.id);
  const left = found({ rules, net });
  expect(left.length).toBeGreaterThan(20);
  expect(left.filter((id) => out.has(id))).toEqual([]);
  expect(found(base).filter((id) => out.has(id)).length).toBeGreaterThan(10);
});

test('the shipped literals keep their places, and nothing is chosen anew', async () => {
  const { rules, net } = await openRulebook({ skip: ['github-refresh-token'] });
  expect(rules.literals.length).toBe(base.rules.literals.length);
  expect(new Uint8Array(net.images.places!)).toEqual(new Uint8Array(base.net.images.places!));
  expect(new Uint8Array(net.images.tables!)).toEqual(new Uint8Array(base.net.images.tables!));
});

test('names of selected rows lead to what a table of these rows says', () => {
  const rows = all.filter(({ value }) => value !== undefined);
  const packed = packTables(rows);
  const texts = rows.flatMap(({ examples }) => examples).map((each) => Buffer.from(each, 'latin1'));
  fc.assert(
    fc.property(fc.array(fc.nat(6), { minLength: 50, maxLength: 50 }), (dice) => {
      const part = rows.filter((_, i) => dice[i % dice.length]! > 2);
      const indices = new Map(part.map((rule, i) => [rule, i]));
      const selected = unpackTables(
        selectTables(
          packed,
          Int32Array.from(rows, (rule) => indices.get(rule) ?? -1),
        ),
      );
      const anew = unpackTables(packTables(part));
      for (const bytes of texts) {
        const run = /[A-Za-z0-9+/_-]{16,}/.exec(bytes.toString('latin1'));
        if (run === null) continue;
        const [start, end] = [run.index, run.index + run[0].length];
        expect(valueJoin.join(bytes, start, end, selected)).toEqual(valueJoin.join(bytes, start, end, anew));
      }
    }),
    { numRuns: 5 },
  );
});
