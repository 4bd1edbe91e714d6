import { lazy } from '../core/base/runtime/lazy.js';
import type { Pausing } from '../core/base/runtime/turns.js';
import { occurrenceOf } from '../core/model/occurrence.js';
import type { Extent, Occurrence } from '../core/model/report.js';
import { EvidenceNear } from '../detect/chance/evidence-near.js';
import type { ValueCount } from '../detect/chance/value-census.js';
import type { PublicRecord, SecretCandidate } from '../detect/core/types.js';
import type { Rulebook } from '../detect/rulebook/rulebook.js';
import type { Copy } from '../known/copy-matcher.js';
import type { CopyTarget } from '../known/copy-targets.js';
import { identify } from '../prove/fingerprint.js';
import { ChanceJudge } from '../prove/judge/chance-judge.js';
import type { Settled } from '../prove/judge/key-judge.js';
import { type PrivateHalf, privateHalf } from '../prove/private-half.js';
import { publicParts } from '../prove/public-parts.js';
import type { Findings } from './findings.js';
import { maskCandidate, maskProven } from './mask-secrets.js';
import type { OpenDump } from './open-dump.js';

/** Values have none: one list serves all. */
const NONE: CopyTarget['components'] = [];

/** Passes on what one artifact holds: masks it, reports it to the sinks, and has its copies searched for. */
export class SourceFindings {
  readonly #dump: Pick<OpenDump, 'locate' | 'view'>;
  readonly #findings: Findings;
  readonly #chance: ChanceJudge;
  /** Known places of each key, by id: the search for copies leaves out what it finds inside them. */
  readonly #knownPlaces = new Map<string, Extent[]>();

  constructor(dump: Pick<OpenDump, 'locate' | 'view'>, findings: Findings, { net, rules }: Rulebook) {
    this.#dump = dump;
    this.#findings = findings;
    this.#chance = new ChanceJudge(
      lazy(() => new EvidenceNear(net.values?.names)),
      rules.rules,
    );
  }

  /** Masks a candidate from now on, whatever the judge says. */
  mask(candidate: SecretCandidate): void {
    // A placeholder such as "password" would mask half of every text. Its rule masks it where it matches.
    for (const each of [candidate, ...(candidate.fallbacks ?? [])])
      if (each.confidence !== 'low' || each.isSecret) maskCandidate(this.#findings.masker, each);
  }

  /** The public half of a `--find` target. */
  publicHalf(record: PublicRecord): void {
    const { offset, length } = record;
    const id = this.#findings.find?.sawPublic(record, () =>
      occurrenceOf({ offset, length }, this.#dump.locate(offset)),
    );
    if (id !== undefined) this.#remember(id, [{ offset, length }]);
  }

  /** Keeps a match that chance may explain until {@link weigh}, and reports any other at once. */
  settled(settled: Settled): void {
    if (!this.#chance.keeps(settled, this.#dump.view)) this.#report(settled);
  }

  /** Judges the matches that were kept by the random values of the whole artifact, and reports them. */
  *weigh(census: () => readonly ValueCount[]): Pausing<never> {
    for (const settled of this.#chance.settle(census))
      if (settled === undefined) yield;
      else this.#report(settled);
  }

  #report({ candidate, verdict }: Settled): void {
    const { masker, sink, copiedValue, copyTargets } = this.#findings;
    const { proof } = verdict;
    const identity = identify(candidate, proof);
    const half = privateHalf(proof);
    if (half !== undefined) maskProven(masker, half, candidate.rule.id);
    const judged = { candidate, ...this.#dump.locate(candidate.offset), ...verdict };
    const wantsCopies = sink.judged(judged, identity);
    if (!wantsCopies) return;
    const value = copiedValue?.(identity.id);
    if (value !== undefined) {
      copyTargets.add({ finding: identity.id, components: NONE, value });
      this.#remember(identity.id, candidate.extents);
      return;
    }
    if (half === undefined || half.components.length === 0) return;
    // A published test key is in many programs: its copies are searched for only where it is in use. A secret
    // of documentation is a common word.
    const isInUse = verdict.verifiesToken === true && half.canonicalSpki.length > 0;
    if (half.published !== undefined && !isInUse) return;
    copyTargets.add({ finding: identity.id, components: half.components });
    this.#remember(identity.id, candidate.extents);
    if (proof?.status !== 'proven') copyTargets.add(this.#publicTarget(identity.id, half));
  }

  /** The public half of a private one that only it can prove: found elsewhere, whole, it is the evidence. */
  #publicTarget(id: string, { canonicalSpki }: PrivateHalf): CopyTarget {
    const { sink } = this.#findings;
    const onCopy = (occurrence: Occurrence, { partial }: Copy): void => {
      if (!partial) sink.confirmed?.(id, occurrence);
    };
    return {
      finding: `public half of ${id}`,
      components: publicParts(canonicalSpki),
      isPublic: true,
      onCopy,
    };
  }

  knownPlaces(id: string): readonly Extent[] {
    return this.#knownPlaces.get(id) ?? [];
  }

  #remember(id: string, extents: readonly Extent[]): void {
    const known = this.#knownPlaces.get(id);
    if (known) known.push(...extents);
    else this.#knownPlaces.set(id, [...extents]);
  }
}
