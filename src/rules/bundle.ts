import { definedFields } from '../core/base/runtime/defined.js';
import { anchorOf, type BundledRule, joined } from './hydrate.js';
import { Latin1Bytes } from './latin1-bytes.js';
import type { Fragment } from './schema.js';
import type { Lines, Literal, Rule } from './types.js';

/**
 * The built-in rules as the build writes them: what a sweep needs, without fields that have their usual
 * value, and apart from it the texts, which are read when something was found.
 */

/** What texts of a rule there are; in the order of the rules. */
export interface RuleTexts {
  name: string;
  impact: string;
  rotate: string;
  references: string[];
  examples: Fragment[][];
  counterexamples: Fragment[][];
  source: string;
  lines?: Lines;
  sha256: string;
  /** Its names and forms: a sweep has them in tables (src/sweep/values/tables.ts). */
  value?: Rule['value'];
}

/** The other fields, if they differ from {@link USUAL}. */
export type SlimRule = Partial<Omit<BundledRule, keyof RuleTexts>> & { id: string };

/** Most rules' values; empty lists are shared. */
const USUAL = {
  kind: 'token',
  severity: 'medium',
  signing: false,
  optIn: false,
  anchors: [],
  caseless: false,
  window: { before: 0, after: 0 },
  detector: 'text',
  encodings: ['utf8', 'utf16le', 'utf16be'],
  boundary: 'token',
  checks: [],
} as const satisfies Partial<BundledRule>;

/** Usual values of rules without a pattern. */
const USUAL_OF_VALUES = { ...USUAL, detector: 'value', boundary: 'none' } as const;

/** Ids of rows of tables have a colon. */
const usualFor = (id: string) => (id.includes(':') ? USUAL_OF_VALUES : USUAL);

/** Divides a rule into its two parts. */
export function divide(rule: BundledRule & { sha256: string }): [SlimRule, RuleTexts] {
  const { name, impact, rotate, references, examples, counterexamples, ...others } = rule;
  const { source, lines, sha256, value, ...rest } = others;
  const usual: Readonly<Record<string, unknown>> = usualFor(rest.id);
  const fields = Object.entries(rest).filter(
    ([field, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(usual[field]),
  );
  const texts = { name, impact, rotate, references, examples, counterexamples, source, sha256 };
  return [Object.fromEntries(fields) as SlimRule, { ...texts, ...definedFields({ lines, value }) }];
}

/** Rules of both parts. `texts` is called when a text of a rule is first read. */
export function rulesOf(slim: readonly SlimRule[], texts: () => readonly RuleTexts[]): Rule[] {
  class BuiltinRule {
    readonly #index: number;

    constructor(rule: SlimRule, index: number) {
      this.#index = index;
      const { anchors, near, password, ...fields } = rule;
      Object.assign(this, usualFor(rule.id), fields);
      const own = this as Partial<Rule>;
      if (anchors) own.anchors = anchors.map(anchorOf);
      if (near) own.near = { ...near, anchors: near.anchors.map(anchorOf) };
      if (password) own.password = definedFields(password);
    }

    get #texts(): RuleTexts {
      return texts()[this.#index]!;
    }

    get name() {
      return this.#texts.name;
    }

    get impact() {
      return this.#texts.impact;
    }

    get rotate() {
      return this.#texts.rotate;
    }

    get references() {
      return this.#texts.references;
    }

    get examples() {
      return joined(this.#texts.examples);
    }

    get counterexamples() {
      return joined(this.#texts.counterexamples);
    }

    get source() {
      return this.#texts.source;
    }

    get lines() {
      return this.#texts.lines;
    }

    get value() {
      return this.#texts.value;
    }

    get sha256() {
      return this.#texts.sha256;
    }
  }
  // The fields that are not named in the class come from the file.
  return slim.map((rule, index) => new BuiltinRule(rule, index) as unknown as Rule);
}

/** A rule as a plain object with all fields, for the library. */
export function plainRule(rule: Rule): Rule {
  const { name, impact, rotate, references, source, lines, sha256, value } = rule;
  return {
    ...rule,
    ...{ name, impact, rotate, references, source },
    ...definedFields({ lines, sha256, value }),
    get examples() {
      return rule.examples;
    },
    get counterexamples() {
      return rule.counterexamples;
    },
  };
}

/** A literal as the build writes it: one character a byte, `i` for caseless and `w` for wide, its rules. */
export type PackedLiteral = [text: string, flags: string, ...rules: number[]];

export const packLiteral = ({ bytes, caseless, wide, rules }: Literal): PackedLiteral => [
  Buffer.from(bytes).toString('latin1'),
  `${caseless ? 'i' : ''}${wide ? 'w' : ''}`,
  ...rules,
];

/** A literal of which only what is read is unpacked: of a thousand a scan reads a few. */
class BuiltinLiteral extends Latin1Bytes implements Literal {
  readonly #packed: PackedLiteral;
  #rules: number[] | undefined;

  constructor(packed: PackedLiteral) {
    super(packed[0]);
    this.#packed = packed;
  }

  get caseless(): boolean {
    return this.#packed[1].includes('i');
  }

  get wide(): boolean {
    return this.#packed[1].includes('w');
  }

  get rules(): number[] {
    this.#rules ??= this.#packed.slice(2) as number[];
    return this.#rules;
  }
}

export const unpackLiteral = (packed: PackedLiteral): Literal => new BuiltinLiteral(packed);
