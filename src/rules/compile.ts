import { createHash } from 'node:crypto';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import { type Anchor, type Literal, placeOf, type Rule, type RuleSet } from './types.js';

/** Canonical JSON: sorted keys, bytes as hex. A replacer of JSON.stringify takes five times as long. */
function canonical(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== 'object') return value;
  const fields = value as Record<string, unknown>;
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(fields).sort()) sorted[key] = canonical(fields[key]);
  return sorted;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** SHA-256 of a rule's canonical JSON without its source, which depends on the installation. */
export function digestOf({ source: _source, lines: _lines, sha256: _sha256, ...rule }: Rule): string {
  return sha256(JSON.stringify(canonical(rule)));
}

function refuseDuplicates(rules: readonly Rule[]): void {
  const first = new Map<string, Rule>();
  for (const rule of rules) {
    const other = first.get(rule.id);
    if (other !== undefined)
      throw new DumpsieveError({
        code: 'bad-rules',
        message: `${placeOf(rule, 'id')}: rule "${rule.id}", field "id": taken by ${placeOf(other, 'id')}`,
        hint: 'choose another id',
      });
    first.set(rule.id, rule);
  }
}

const isWide = (rule: Rule, anchor: Anchor): boolean =>
  anchor.text && rule.encodings.some((encoding) => encoding !== 'utf8');

const digestOfAll = (rules: readonly Rule[]): string =>
  sha256(rules.map((rule) => rule.sha256 ?? digestOf(rule)).join('\n'));

/** A view, not a copy: it is called for each anchor at the start of a scan. */
const latin1 = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1');

const keyOf = (text: string, caseless: boolean): string => `${caseless ? 'i' : '='}${text}`;

/** What literals of two sets are compared by. */
export const literalKey = ({ bytes, caseless }: Literal): string => keyOf(latin1(bytes), caseless);

/** The distinct literals of all anchors with their rules. `digest`: of these rules, if known. */
export function compileRules(rules: readonly Rule[], digest = digestOfAll(rules)): RuleSet {
  refuseDuplicates(rules);
  const literals = new Map<string, Literal>();
  rules.forEach((rule, index) => {
    for (const anchor of [...rule.anchors, ...(rule.near?.anchors ?? [])]) {
      const text = latin1(anchor.bytes);
      const key = keyOf(rule.caseless ? text.toLowerCase() : text, rule.caseless);
      let literal = literals.get(key);
      if (literal === undefined) {
        const bytes = Uint8Array.from(Buffer.from(key.slice(1), 'latin1'));
        literal = { bytes, caseless: rule.caseless, wide: false, rules: [] };
        literals.set(key, literal);
      }
      literal.wide ||= isWide(rule, anchor);
      if (!literal.rules.includes(index)) literal.rules.push(index);
    }
  });
  return { rules: [...rules], sha256: digest, literals: [...literals.values()] };
}
