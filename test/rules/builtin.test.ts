import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { valueLiterals } from '../../src/detect/rulebook/compile-net.js';
import { loadBuiltin, loadBundle } from '../../src/rules/builtin.js';
import { plainRule } from '../../src/rules/bundle.js';
import { checkRules } from '../../src/rules/check.js';
import { compileRules, digestOf } from '../../src/rules/compile.js';
import { hydrate } from '../../src/rules/hydrate.js';
import { readRuleFiles } from '../../src/rules/load.js';
import { selectRules } from '../../src/rules/select.js';
import { naiveScan } from '../detect/naive-scan.js';

const rules = loadBuiltin();
/** Rules of the text detectors; all rules are checked by the real path elsewhere. */
const own = rules.filter(({ detector }) => detector === 'text' || detector === 'jwt');

describe('the built-in rules', () => {
  test('are many, with distinct ids, impact and rotation', () => {
    expect(rules.length).toBeGreaterThanOrEqual(45);
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const { impact, rotate } of rules) expect(impact.length * rotate.length).toBeGreaterThan(0);
  });

  test('have a digest of those that are on by default', () => {
    const { rules, sha256 } = loadBundle();
    expect(sha256).toBe(compileRules(selectRules(rules)).sha256);
    expect(sha256).not.toBe(compileRules(rules).sha256);
  });

  test('are those of the rule files', async () => {
    const files = (await readRuleFiles(fileURLToPath(asset('rules')))).map(hydrate);
    expect(rules.map(plainRule).map(({ sha256: _, ...rule }) => rule)).toEqual(files);
    expect(rules.map(({ sha256 }) => sha256)).toEqual(files.map(digestOf));
  });

  test('have fewer literals than the sweep allows at full speed, none below three bytes', () => {
    const set = compileRules(rules);
    // The value net finds the others.
    const elsewhere = valueLiterals(set);
    const literals = set.literals.filter((_, index) => !elsewhere[index]);
    expect(literals.length).toBeLessThan(400);
    expect(Math.min(...literals.map(({ bytes }) => bytes.length))).toBeGreaterThanOrEqual(3);
    expect(literals.filter(({ bytes }) => bytes.length === 3).length).toBeLessThanOrEqual(5);
  });

  test('find their examples and not their counterexamples', async () => {
    const check = await checkRules(own, async (bytes, of) =>
      naiveScan(Buffer.from(bytes), [of]).map(({ rule, offset, length, confidence }) => ({
        ruleId: rule.id,
        offset,
        length,
        confidence,
      })),
    );
    expect(check.problems).toEqual([]);
    expect(check.examples).toBeGreaterThanOrEqual(own.length);
    expect(check.counterexamples).toBeGreaterThanOrEqual(own.length);
  });

  test.each([
    ['utf16le', 'le', 1],
    ['utf16le', 'le', 2],
    ['utf16be', 'be', 1],
    ['utf16be', 'be', 2],
  ] as const)('find the same secrets in %s at odd and even offsets', (_name, wide, lead) => {
    for (const rule of own)
      for (const example of rule.examples) {
        const narrow = naiveScan(Buffer.from(example, 'latin1'), [rule]);
        const units = Buffer.from(example, 'utf16le');
        if (wide === 'be') units.swap16();
        // Neighbouring bytes other than NUL, or the byte order would be ambiguous.
        const bytes = Buffer.concat([Buffer.alloc(lead, 0x07), units, Buffer.alloc(3, 0x07)]);
        const found = naiveScan(bytes, [rule]);
        expect(found.map((c) => [rule.id, c.offset, c.length, c.wide, c.confidence])).toEqual(
          narrow.map((c) => [rule.id, lead + 2 * c.offset, 2 * c.length, wide, c.confidence]),
        );
        expect(found.map((c) => Buffer.from(c.secret.reveal()))).toEqual(
          narrow.map((c) => Buffer.from(c.secret.reveal())),
        );
      }
  });

  test('reveal only prefix, length and at most four characters of a secret', () => {
    for (const rule of own)
      for (const example of rule.examples)
        for (const { preview, secret, length } of naiveScan(Buffer.from(example, 'latin1'), [rule])) {
          const [prefix = '', rest = ''] = preview.split('…');
          expect(rest).toMatch(new RegExp(`^.{0,4} \\(${length}\\)$`));
          const whole = Buffer.from(secret.reveal()).toString('latin1');
          expect(whole.startsWith(prefix)).toBe(true);
          expect(whole.length - prefix.length).toBeGreaterThan(12);
        }
  });
});
