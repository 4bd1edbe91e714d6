import type { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { Component } from '../../core/model/key-material.js';
import type { Occurrence } from '../../core/model/report.js';
import type { SecretCandidate } from '../../detect/core/types.js';
import type { Copy } from '../../known/copy-matcher.js';
import type { CopyTarget } from '../../known/copy-targets.js';
import { identify } from '../../prove/fingerprint.js';
import type { FindingSink } from '../../prove/judge/finding-sink.js';
import type { Judged } from '../../prove/judge/judged.js';
import type { Rule } from '../../rules/types.js';
import type { FindTarget } from './find-targets.js';

/** What the answers read back of the findings: narrow, because the findings need to know the targets too. */
export interface FoundPlaces {
  has(id: string): boolean;
  /** The listed places of a target in one artifact; undefined if it was not found there. */
  placesOf(id: string, artifact: number): Occurrence[] | undefined;
}

/** Rules of a finding that no rule but the search for copies has found. */
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

/** What an artifact says of a value: the tokens and sessions that it signs, near an offset first. */
export type JudgeValue = (value: Secret, near: number) => Pick<Judged, 'proof' | 'verifiesToken'>;

/** Where copies of targets go: one for all targets of a report. */
export interface TargetSinks {
  rules: TargetRules;
  places: FoundPlaces;
  /** The judge of an artifact; undefined if the artifact is gone. */
  judgeOf(artifact: number): JudgeValue | undefined;
  /** For private parts and values. */
  sink: FindingSink;
  /** For the public half of a target, which is no finding. */
  sawPublic(target: FindTarget, occurrence: Occurrence): void;
}

const NONE: readonly Component[] = [];

/** The needles of one target: its private parts or its value, and its public half. */
export function copyTargetsOf(target: FindTarget, sinks: TargetSinks): CopyTarget[] {
  const { finding, publicParts, private: half, value } = target;
  if (finding === undefined) return [];
  const keys: CopyTarget[] = [];
  if (half) keys.push(new PrivateCopies(finding, target, half.proof.components, undefined, sinks));
  if (value) keys.push(new PrivateCopies(finding, target, NONE, value, sinks));
  if (publicParts.length > 0)
    keys.push({
      ...{ finding: `public ${finding}`, components: publicParts },
      onCopy: (occurrence) => sinks.sawPublic(target, occurrence),
    });
  return keys;
}

/** Copies of the private parts or the value of a target. A class without closures: there may be 200,000. */
class PrivateCopies implements CopyTarget {
  readonly finding: string;
  readonly components: readonly Component[];
  readonly value: Secret | undefined;
  readonly #target: FindTarget;
  readonly #sinks: TargetSinks;

  constructor(
    finding: string,
    target: FindTarget,
    components: readonly Component[],
    value: Secret | undefined,
    sinks: TargetSinks,
  ) {
    this.finding = finding;
    this.components = components;
    this.value = value;
    this.#target = target;
    this.#sinks = sinks;
  }

  onCopy(occurrence: Occurrence, copy: Copy): void {
    const { rules, places, judgeOf, sink } = this.#sinks;
    const { finding } = this;
    const { value } = this.#target;
    const { artifact } = occurrence;
    // What a rule has found there was judged.
    const isFirst = !copy.partial && places.placesOf(finding, artifact) === undefined;
    const verdict = (isFirst && value && judgeOf(artifact)?.(value, copy.offset)) || {};
    if (places.has(finding) && verdict.proof === undefined) sink.copy(finding, occurrence);
    else {
      const first = { ...judgedCopy(this.#target, rules, occurrence, copy), ...verdict };
      sink.judged(first, identify(first.candidate, first.proof));
    }
  }
}

/** A target found as a copy first. Its bytes are known: equality is the proof. */
function judgedCopy(target: FindTarget, rules: TargetRules, occurrence: Occurrence, copy: Copy): Judged {
  const { private: half, name, alsoNamed = [] } = target;
  const names = [name, ...alsoNamed].join(', ');
  const what = half ? `${copy.component} of the --find target` : 'the --find target';
  const statement = `equals ${what} (${names})${copy.partial ? ' in part' : ''}`;
  const { artifact, region, address, addressSpace } = occurrence;
  return {
    candidate: {
      ...placeOf(copy),
      ...(half ? keyFacts(target, rules) : valueFacts(target, rules)),
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
  SecretCandidate,
  'offset' | 'length' | 'extents' | 'encoding' | 'wide' | 'component' | 'partial' | 'notAdjacentInMemory'
> {
  const { offset, length, extents, encoding, wide, component, partial, notAdjacentInMemory } = copy;
  return definedFields({
    offset,
    length,
    extents,
    encoding,
    wide,
    component: component === '' ? undefined : component,
    partial,
    notAdjacentInMemory,
  });
}

type Facts = Pick<SecretCandidate, 'rule' | 'secret' | 'kind' | 'title' | 'preview' | 'material'>;

function keyFacts({ private: half }: FindTarget, { number }: TargetRules): Facts {
  const { secret, title, preview, material } = half!;
  const kind = material.type === 'oct' ? 'symmetric-key' : 'private-key';
  return { rule: number, secret, kind, title, preview, material };
}

function valueFacts({ value }: FindTarget, { value: rule }: TargetRules): Facts {
  return { rule, secret: value!, kind: rule.kind, title: rule.name, preview: `(${value!.length})` };
}
