import type { Finding, KeyFacts } from '../../core/model/report.js';
import { confidenceOf, type Judged, proofOf, weightOf } from '../../prove/judge/judged.js';
import type { Rule } from '../../rules/types.js';
import { placeRank } from './usefulness.js';

/** What a candidate says of the finding, apart from its place and what each secret has of its own. */
export interface Description {
  rule: Rule;
  kind: Finding['kind'];
  title: string;
  severity: Finding['severity'];
  confidence: Finding['confidence'];
  encoding: string | undefined;
  facts: Omit<KeyFacts, 'encoding'> | undefined;
  proof: readonly string[];
  /**
   * The statement that holds as soon as the public half of this private one is found; undefined if it is
   * proven, or no such key.
   */
  awaits: string | undefined;
  /** Zeros or text rather than a key, and its own octets are all that speaks for it. */
  unlikely: boolean;
  /** Rank of the description's place. */
  placeRank: number;
}

/** The same object for equal descriptions, if they follow each other. */
export function describe(judged: Judged): Description {
  const { candidate, proof } = judged;
  const weight = weightOf(judged);
  return shared({
    rule: candidate.rule,
    kind: candidate.kind ?? candidate.rule.kind,
    title: candidate.title ?? candidate.rule.name,
    severity: candidate.severity ?? candidate.rule.severity,
    confidence: confidenceOf(judged),
    encoding: candidate.encoding,
    facts: proof?.facts,
    awaits: weight && proof?.status === 'unproven' ? proof.pending?.statement : undefined,
    unlikely: weight?.likelihood === 'unlikely',
    proof: internLines(proofOf(judged).slice(0, LINES)),
    placeRank: placeRank({ ...candidate, region: judged.region }),
  });
}

/** The last description of each rule: a flood of findings has equal ones. */
const latest = new Map<string, Description>();

function shared(description: Description): Description {
  const { id } = description.rule;
  const known = latest.get(id);
  const names = Object.keys(description) as (keyof Description)[];
  if (known !== undefined && names.every((name) => known[name] === description[name])) return known;
  latest.set(id, description);
  return description;
}

/** Statements, notes and certificates kept for one finding: ten thousand JWTs may verify under one key. */
export const LINES = 20;

/** Cap on interned lists. */
const MOST = 1_024;
const interned = new Map<string, readonly string[]>();

/** An equal list, the same object for equal arguments: a flood of findings has a few different lists. */
export function internLines(lines: readonly string[]): readonly string[] {
  const key = JSON.stringify(lines);
  const known = interned.get(key);
  if (known !== undefined) return known;
  if (interned.size < MOST) interned.set(key, lines);
  return lines;
}

const texts = new Map<string, string>();
const objects = new Map<string, object>();

/** An equal text, the same one for equal arguments. */
export function internText(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (texts.size < MOST) texts.set(text, text);
  return text;
}

/** An equal object of plain data, the same one for equal arguments. It must not be changed. */
export function internObject<T extends object>(value: T): T {
  const key = JSON.stringify(value);
  const known = objects.get(key);
  if (known !== undefined) return known as T;
  if (objects.size < MOST) objects.set(key, value);
  return value;
}

/**
 * Adds to a sorted set of at most {@link LINES}. The least stay, so that the order of calls does not matter.
 */
export function mergeLines(into: readonly string[], lines: readonly string[]): readonly string[] {
  if (lines.every((line) => into.includes(line))) return into;
  return internLines([...new Set([...into, ...lines])].sort().slice(0, LINES));
}
