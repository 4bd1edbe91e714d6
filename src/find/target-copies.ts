import type { Copy } from '../copies/copy-matcher.js';
import type { CopyTarget } from '../copies/copy-targets.js';
import type { Candidate } from '../detect/core/types.js';
import type { Judged } from '../judge/judged.js';
import type { Occurrence } from '../model/report.js';
import type { Fold } from '../policy/fold.js';
import type { Rule } from '../rules/types.js';
import type { FindTarget } from './find-targets.js';

/** What findings of the copies sweep mean, where no other rule has found the secret. */
export interface TargetRules {
  number: Rule;
  value: Rule;
}

export function targetRules(rules: readonly Rule[]): TargetRules {
  const byDetector = (name: string): Rule => {
    const rule = rules.find(({ detector }) => detector === name);
    if (rule === undefined) throw new RangeError(`no rule with the detector ${name}`);
    return rule;
  };
  return { number: byDetector('run'), value: byDetector('find') };
}

/** The needles of one thing: its private parts or its value, which make a finding, and its public half, which makes none. */
export function copyTargetsOf(
  asked: FindTarget,
  rules: TargetRules,
  fold: Fold,
  sawPublic: (occurrence: Occurrence) => void,
): CopyTarget[] {
  const { finding, publicParts, private: half, value } = asked;
  if (finding === undefined) return [];
  const found = (occurrence: Occurrence, copy: Copy) => {
    if (fold.has(finding)) fold.occur(finding, occurrence);
    else fold.add(judged(asked, rules, occurrence, copy));
  };
  const keys: CopyTarget[] = [];
  if (half) keys.push({ finding, components: half.proof.components, found });
  if (value) keys.push({ finding, components: [], value, found });
  if (publicParts.length > 0)
    keys.push({ finding: `public ${finding}`, components: publicParts, found: sawPublic });
  return keys;
}

/** A finding whose first sight is a copy: what is asked for is known, so that equal bytes are its proof. */
function judged(asked: FindTarget, rules: TargetRules, occurrence: Occurrence, copy: Copy): Judged {
  const { private: half, name } = asked;
  const what = half ? `${copy.component} of the key asked for` : 'the value asked for';
  const statement = `equals ${what} (${name})${copy.partial ? ' in part' : ''}`;
  const { artifact, region, address, addressSpace } = occurrence;
  return {
    candidate: {
      ...placeOf(copy),
      ...(half ? keyFacts(asked, rules) : valueFacts(asked, rules)),
      type: 'candidate',
      confidence: 'high',
      evidence: half ? [] : [statement],
      notes: [],
    },
    artifact,
    region,
    address: address === undefined ? undefined : BigInt(address),
    addressSpace,
    ...(half ? { proof: { ...half.proof, statements: [statement] } } : {}),
  };
}

function placeOf(
  copy: Copy,
): Pick<
  Candidate,
  'offset' | 'length' | 'extents' | 'encoding' | 'wide' | 'component' | 'partial' | 'notAdjacentInMemory'
> {
  const { offset, length, extents, encoding, wide, component, partial, notAdjacentInMemory } = copy;
  return {
    offset,
    length,
    extents,
    encoding,
    ...(wide === undefined ? {} : { wide }),
    ...(component === '' ? {} : { component }),
    partial,
    notAdjacentInMemory,
  };
}

type Facts = Pick<Candidate, 'rule' | 'secret' | 'kind' | 'title' | 'preview' | 'material'>;

function keyFacts({ private: half }: FindTarget, { number }: TargetRules): Facts {
  const { secret, title, preview, material } = half!;
  const kind = material.type === 'oct' ? 'symmetric-key' : 'private-key';
  return { rule: number, secret, kind, title, preview, material };
}

function valueFacts({ value }: FindTarget, { value: rule }: TargetRules): Facts {
  return { rule, secret: value!, kind: rule.kind, title: rule.name, preview: `(${value!.length})` };
}
