import type { Detector, Hit, SecretCandidate } from '../../src/detect/core/types.js';
import { textDetector } from '../../src/detect/text/detector.js';
import { jwt } from '../../src/detect/text/jwt.js';
import { session } from '../../src/detect/text/session.js';
import type { Segment, View } from '../../src/formats/memory/types.js';
import { compileRules } from '../../src/rules/compile.js';
import type { Literal, Rule } from '../../src/rules/types.js';
import { plainView } from './plain-view.js';

const detectors: readonly Detector[] = [textDetector, jwt, session];

function spellings({ bytes, wide }: Literal): { spelling: Buffer; wide: boolean }[] {
  const spread = Buffer.alloc(2 * bytes.length - 1);
  bytes.forEach((byte, i) => {
    spread[2 * i] = byte;
  });
  return [{ spelling: Buffer.from(bytes), wide: false }, ...(wide ? [{ spelling: spread, wide: true }] : [])];
}

interface Spelling {
  spelling: Buffer;
  wide: boolean;
  literal: Literal;
}

const known = new WeakMap<readonly Rule[], Spelling[]>();

/** Spellings of all literals of some rules. */
function spellingsOf(rules: readonly Rule[]): Spelling[] {
  const made =
    known.get(rules) ??
    compileRules(rules).literals.flatMap((literal) =>
      spellings(literal).map((each) => ({ ...each, literal })),
    );
  known.set(rules, made);
  return made;
}

/** A copy with the ASCII letters in lower case, as the bytes of caseless literals are. */
const lowered = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)));

/** Reference implementation of the sweep: hits of all literals by indexOf, for each rule. */
export function naiveHits(bytes: Buffer, rules: readonly Rule[]): Map<Rule, Hit[]> {
  const hits = new Map<Rule, Hit[]>();
  const lower = lowered(bytes);
  for (const { spelling, wide, literal } of spellingsOf(rules)) {
    const text = literal.caseless ? lower : bytes;
    for (let at = text.indexOf(spelling); at >= 0; at = text.indexOf(spelling, at + 1))
      for (const index of literal.rules) {
        const rule = rules[index]!;
        hits.set(rule, [
          ...(hits.get(rule) ?? []),
          { offset: at, length: spelling.length, wide, anchor: literal.bytes },
        ]);
      }
  }
  for (const list of hits.values()) list.sort((a, b) => a.offset - b.offset);
  return hits;
}

/** All candidates of the detectors in `bytes`, without sweep and fold. */
export function naiveScan(
  bytes: Buffer,
  rules: readonly Rule[],
  {
    segments = [] as readonly Segment[],
    order = 'memory' as 'memory' | 'file',
    view = undefined as View | undefined,
  } = {},
): SecretCandidate[] {
  const found: SecretCandidate[] = [];
  const use = view ?? plainView(bytes, segments);
  for (const [rule, hits] of naiveHits(bytes, rules)) {
    const detector = detectors.find(({ name }) => name === rule.detector);
    for (const item of detector?.examine({ rule, hits, view: use, order }) ?? [])
      if (item.type === 'candidate') found.push(item);
  }
  return found;
}
