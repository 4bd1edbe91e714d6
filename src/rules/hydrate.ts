import type { Lines } from './place.js';
import type { AnchorSource, Fragment, RuleSource } from './schema.js';
import type { Anchor, Rule } from './types.js';

/** A validated rule with the place it came from: one entry of dist/rules.json. */
export type BundledRule = RuleSource & { source: string; lines?: Lines; sha256?: string };

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'));

function anchorOf(source: AnchorSource): Anchor {
  return typeof source === 'string'
    ? { bytes: Uint8Array.from(Buffer.from(source, 'latin1')), text: true }
    : { bytes: fromHex(source.hex), text: false };
}

function pieceOf(fragment: Fragment): string {
  if (typeof fragment === 'string') return fragment;
  const bytes = 'hex' in fragment ? fromHex(fragment.hex) : Buffer.from(fragment.base64, 'base64');
  return Buffer.from(bytes).toString('latin1');
}

/** Examples as strings of one character a byte, so that no whole token stands in a file. */
const joined = (examples: Fragment[][]): string[] => examples.map((pieces) => pieces.map(pieceOf).join(''));

/** A validated rule as the engine uses it. */
export function hydrate({ near, pattern, entropy, ...rule }: BundledRule): Rule {
  return {
    ...rule,
    anchors: rule.anchors.map(anchorOf),
    // No scan asks for these.
    get examples() {
      return joined(rule.examples);
    },
    get counterexamples() {
      return joined(rule.counterexamples);
    },
    ...(near === undefined ? {} : { near: { ...near, anchors: near.anchors.map(anchorOf) } }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(entropy === undefined ? {} : { entropy }),
  };
}
