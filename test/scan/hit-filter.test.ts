import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import type { Detected } from '../../src/detect/core/types.js';
import { examine } from '../../src/detect/examine.js';
import { compileNet, literalNeeds } from '../../src/detect/rulebook/compile-net.js';
import { loadBuiltin } from '../../src/rules/builtin.js';
import { compileRules } from '../../src/rules/compile.js';
import { HitFilter } from '../../src/sweep/hit-filter.js';
import { kernelFor, kernelName } from '../../src/sweep/kernel-select.js';
import { sweepTask } from '../../src/sweep/sweep-task.js';
import { viewOf } from '../detect/harness.js';
import { textOf } from '../detect/pattern-text.js';
import fc from '../support/property.js';

const set = compileRules(loadBuiltin());
const net = compileNet(set);
const rules = set.rules.filter(({ detector }) => detector === 'text');

/** Hits of all literals, before and after the filter. */
function hitsOf(bytes: Uint8Array, seams: number[] | undefined) {
  const name = kernelName();
  const task = { from: 0, to: bytes.length, chunk: Math.ceil(bytes.length / 64) * 64, longest: net.longest };
  const sifter = seams && new HitFilter(net.filter!, Float64Array.from(seams));
  return sweepTask(bufferReader(bytes), kernelFor(name, net), task, undefined, sifter);
}

/**
 * As text, sorted: with fewer hits the groups differ, and so does their order. A run of UTF-16 has two
 * interpretations a byte apart, and its window, which a nearby hit extends, decides between them: both are
 * given by the offset of the low bytes.
 */
const shown = (found: Iterable<Detected>): string[] =>
  [...found]
    .map((each) =>
      each.type === 'public'
        ? ['public', each.form, each.offset, each.length]
        : [
            each.rule.id,
            each.extents.map(({ offset, length }) =>
              each.wide === 'be' ? [offset + 1, length] : [offset, length],
            ),
            each.confidence,
            each.wide !== undefined,
            Buffer.from(each.secret.reveal()).toString('latin1'),
          ],
    )
    .map((each) => JSON.stringify(each))
    .sort();

const dice = fc
  .array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 300, maxLength: 300 })
  .map((list) => {
    let next = 0;
    return () => list[next++ % list.length]!;
  });

/** Texts of a rule, whole or cut, and its anchors alone, with characters around them; narrow or wide. */
const piece = fc
  .tuple(
    fc.constantFrom(...rules),
    dice,
    fc.constantFrom('whole', 'cut', 'anchor'),
    fc.constantFrom<BufferEncoding>('latin1', 'utf16le'),
    fc.constantFrom('', ' ', '"', '\n', 'aaaa', '\0', '://user:'),
  )
  .map(([{ pattern, anchors, near }, roll, shape, encoding, between]) => {
    const all = [...anchors, ...(near?.anchors ?? [])];
    const anchor = Buffer.from(all[Math.floor(roll() * all.length)]!.bytes).toString('latin1');
    const whole = textOf(pattern!, roll).text;
    const text = { whole, cut: whole.slice(0, Math.floor(roll() * whole.length)), anchor }[shape];
    const lead = near ? `${anchor} ` : '';
    return Buffer.from(between + lead + text + between, encoding);
  });

/** Names, separators and values of passwords in any order, and URLs. */
const password = fc
  .tuple(
    fc.array(
      fc.constantFrom(
        ...[
          'password',
          'DB_PASSWORD',
          'PASS',
          'Pwd',
          '--',
          '"',
          "'",
          '\\"',
          '=',
          ': ',
          ' ',
          '\n',
          '\0',
          '>',
          '</',
          '<',
        ],
        ...[
          'vT4kqWm92x',
          'sunflower',
          'x',
          ';',
          '&',
          '(',
          ')',
          ' value=',
          ', ',
          '://',
          'app:',
          '@db',
          'https',
        ],
        ...[
          'Basic ',
          'YXBwOnZUNGtxV205Mng=',
          '"auth',
          '":"',
          'IDENTIFIED BY ',
          'machine a login b ',
          '一',
          'é',
          '{',
        ],
      ),
      { minLength: 3, maxLength: 12 },
    ),
    fc.constantFrom<BufferEncoding>('latin1', 'utf8', 'utf16le'),
  )
  .map(([pieces, encoding]) => Buffer.from(pieces.join(''), encoding));

/** The shortest token and its parts: a header with `alg`, a payload of one member. */
const jwt = fc
  .tuple(
    fc.nat(8),
    fc.nat(8),
    fc.constantFrom('', '.', '.AAAA'),
    fc.constantFrom<BufferEncoding>('latin1', 'utf16le'),
  )
  .map(([front, back, signature, encoding]) =>
    Buffer.from(
      ` ${'eyJhbGciOiIifQ.eyJhIjowfQ'.slice(front > 3 ? 0 : front, back > 3 ? 25 : -back - 1)}${signature} `,
      encoding,
    ),
  );

describe('hits that the filter drops', () => {
  test('are defined for all text rules, by the literals of each', () => {
    const needs = literalNeeds(set);
    const unknown = set.literals.filter(
      ({ rules: called }, i) =>
        needs[i] === undefined && called.every((rule) => set.rules[rule]!.detector === 'text'),
    );
    expect(unknown).toEqual([]);
  });

  test('give no candidate', () => {
    let dropped = 0;
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 9, arbitrary: piece }, { weight: 6, arbitrary: password }, jwt), {
          minLength: 1,
          maxLength: 12,
        }),
        (pieces) => {
          const bytes = Buffer.concat([Buffer.alloc(600), ...pieces, Buffer.alloc(600)]);
          const [all, kept] = [hitsOf(bytes, undefined), hitsOf(bytes, [])];
          dropped += all.offsets.length - kept.offsets.length;
          expect(shown(examine(kept, set, viewOf(bytes)))).toEqual(shown(examine(all, set, viewOf(bytes))));
        },
      ),
      { numRuns: 300 },
    );
    expect(dropped).toBeGreaterThan(300);
  });

  test('give no candidate by address either', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, password), { minLength: 2, maxLength: 5 }),
        fc.nat(),
        (pieces, cut) => {
          const bytes = Buffer.concat([Buffer.alloc(300), ...pieces, Buffer.alloc(300)]);
          const seam = 300 + (cut % (bytes.length - 600));
          // The end comes before the front in memory.
          const runs = [
            [
              { offset: seam, length: bytes.length - seam },
              { offset: 0, length: seam },
            ],
          ];
          const view = viewOf(bytes, runs);
          const [all, kept] = [hitsOf(bytes, undefined), hitsOf(bytes, [0, seam, bytes.length])];
          expect(shown(examine(kept, set, view))).toEqual(shown(examine(all, set, view)));
        },
      ),
      { numRuns: 60 },
    );
  });
});
