import { readFileSync } from 'node:fs';
import { literalIndex } from '../../src/core/base/bytes/literal-id.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import { NET_IMAGE } from '../../src/detect/rulebook/rulebook.js';
import { loadBuiltin } from '../../src/rules/builtin.js';
import { compileRules } from '../../src/rules/compile.js';
import { selectRules } from '../../src/rules/select.js';
import type { Literal } from '../../src/rules/types.js';
import { placesOf } from '../../src/sweep/literals.js';
import { unpackNet } from '../../src/sweep/net-image.js';
import { packPatterns, unpackPatterns } from '../../src/sweep/patterns.js';
import type { Net } from '../../src/sweep/types.js';
import type { Hits } from './passes.js';

/**
 * Literals of a file: one per line, `\xNN` for bytes that are not text; printable ones also get their wide
 * form.
 */
export function readLiterals(path: string): Literal[] {
  return readFileSync(path, 'latin1')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const text = line.replace(/\\x([0-9a-f]{2})/gi, (_, hex) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );
      const wide = /^[\x20-\x7e]+$/.test(text);
      return { bytes: Buffer.from(text, 'latin1'), caseless: false, wide, rules: [] };
    });
}

/** The net without the value net, and with the patterns alone that it finds then. */
function withoutValues({ values: _values, ...net }: Net): Net {
  const places = placesOf(net);
  const { prefixBits: _bits, prefixHeads: _heads, ...images } = net.images;
  const patterns = unpackPatterns(net.images.patterns!).filter(({ id }) => places[literalIndex(id)]);
  return { ...net, patterns: patterns.length, images: { ...images, patterns: packPatterns(patterns) } };
}

/** The shipped net with and without values, and the rules of a list of its hits. */
export function builtinSet(): { net: Net; whole: Net; perRule: (hits: Hits) => string[] } {
  const { rules, literals } = compileRules(selectRules(loadBuiltin()));
  const whole = unpackNet(readFileSync(asset(NET_IMAGE)));
  return {
    net: withoutValues(whole),
    whole,
    perRule({ ids }) {
      const counts = rules.map(() => 0);
      for (const id of ids) for (const rule of literals[literalIndex(id)]!.rules) counts[rule]!++;
      const lines = rules
        .map(({ id }, i) => ({ id, count: counts[i]! }))
        .filter(({ count }) => count > 0)
        .sort((a, b) => b.count - a.count)
        .map(({ id, count }) => `${String(count).padStart(9)}  ${id}`);
      return [...lines, `${'0'.padStart(9)}  the other ${rules.length - lines.length} rules`];
    },
  };
}
