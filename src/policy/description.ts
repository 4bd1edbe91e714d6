import { confidenceOf, type Judged, proofOf } from '../judge/judged.js';
import type { Claims, Finding, KeyFacts } from '../model/report.js';
import type { Rule } from '../rules/types.js';
import { internLines, internObject, internText, LINES } from './lines.js';
import { placeRank } from './usefulness.js';

/** What a candidate says of the finding, apart from its place. Holds no secret. */
export interface Description {
  rule: Rule;
  kind: Finding['kind'];
  title: string;
  severity: Finding['severity'];
  confidence: Finding['confidence'];
  encoding: string | undefined;
  preview: string;
  claims: Claims | undefined;
  facts: Omit<KeyFacts, 'encoding'> | undefined;
  proof: readonly string[];
  /** Rank of the description's place. */
  placeRank: number;
}

/** The same object for equal descriptions, if they follow each other. */
export function describe(judged: Judged): Description {
  const { candidate, proof } = judged;
  return shared({
    rule: candidate.rule,
    kind: candidate.kind ?? candidate.rule.kind,
    title: candidate.title ?? candidate.rule.name,
    severity: candidate.severity ?? candidate.rule.severity,
    confidence: confidenceOf(judged),
    encoding: candidate.encoding,
    preview: internText(candidate.preview),
    claims: candidate.claims && internObject(candidate.claims),
    facts: proof?.facts,
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
