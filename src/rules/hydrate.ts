import { definedFields } from '../core/base/runtime/defined.js';
import { Latin1Bytes } from './latin1-bytes.js';
import type { AnchorSource, Fragment, RuleSource } from './schema.js';
import type { Anchor, Lines, Rule } from './types.js';

/** A validated rule with its source. */
export type BundledRule = RuleSource & {
  value?: Rule['value'];
  source: string;
  lines?: Lines;
  sha256?: string;
};

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'));

export function anchorOf(source: AnchorSource): Anchor {
  return typeof source === 'string'
    ? Object.assign(new Latin1Bytes(source), { text: true })
    : { bytes: fromHex(source.hex), text: false };
}

function pieceOf(fragment: Fragment): string {
  if (typeof fragment === 'string') return fragment;
  const bytes = 'hex' in fragment ? fromHex(fragment.hex) : Buffer.from(fragment.base64, 'base64');
  return Buffer.from(bytes).toString('latin1');
}

/** Joins fragments of examples to strings of one character per byte; files have no whole token. */
export const joined = (examples: readonly Fragment[][]): string[] =>
  examples.map((pieces) => pieces.map(pieceOf).join(''));

/** A validated rule as the engine uses it. */
export function hydrate(bundled: BundledRule): Rule {
  const { near, pattern, entropy, generic, value, password, objects, ...rule } = bundled;
  return {
    ...rule,
    anchors: rule.anchors.map(anchorOf),
    // Lazy: scans do not use them.
    get examples() {
      return joined(rule.examples);
    },
    get counterexamples() {
      return joined(rule.counterexamples);
    },
    ...definedFields({
      near: near && { ...near, anchors: near.anchors.map(anchorOf) },
      pattern,
      entropy,
      generic,
      value,
      password: password && definedFields(password),
      objects,
    }),
  };
}
