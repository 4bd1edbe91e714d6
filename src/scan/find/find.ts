import { canonicalSpki, sha256Hex } from '../../core/asn1/spki.js';
import type { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import { DumpsieveError } from '../../core/base/runtime/errors.js';
import type { Pausing } from '../../core/base/runtime/turns.js';
import type { Warning } from '../../core/base/runtime/warnings.js';
import type { FindReport, FindResult, Occurrence } from '../../core/model/report.js';
import type { ScannerOptions } from '../../core/options/check-options.js';
import type { PublicRecord } from '../../detect/core/types.js';
import { openRulebook } from '../../detect/rulebook/rulebook.js';
import type { CopyTarget } from '../../known/copy-targets.js';
import type { FindingSink } from '../../prove/judge/finding-sink.js';
import type { Judged } from '../../prove/judge/judged.js';
import { identifiersOfFacts, keyIdentifiers } from '../../prove/key-identifiers.js';
import type { SearchedPublicKey } from '../../search/core/types.js';
import {
  type FindTarget,
  type KnownSecret,
  knownSecretsOf,
  readFindTargets,
  sshFingerprintOf,
} from './find-targets.js';
import {
  copyTargetsOf,
  type FoundPlaces,
  type JudgeValue,
  type TargetRules,
  type TargetSinks,
  targetRules,
} from './target-copies.js';

/** Listed places of one target in one artifact. */
const LISTED = 100;

/** Places of one public half in one artifact, by extent: each is counted once. */
type PublicPlaces = Map<string, Occurrence>;

/** Cap on the places of one {@link PublicPlaces}. */
const REMEMBERED = 10_000;

/** Private material that belongs to the key: proven, or proven but for a missing public half. */
const holdsPrivate = ({ candidate, proof }: Judged): boolean =>
  candidate.material === undefined ||
  proof?.status === 'proven' ||
  (proof?.status === 'unproven' && proof.pending !== undefined);

/** "p limbs-le", "pem", "base64 in UTF-16LE": one form of the report. */
function formOf({ component, encoding, wide }: Occurrence): string {
  const form = [component, encoding ?? 'utf8'].filter((part) => part !== undefined).join(' ');
  return wide === undefined ? form : `${form} in UTF-16${wide.toUpperCase()}`;
}

/** The files of `--find`, as they are read once for all reports. */
export interface TargetFiles {
  targets: readonly FindTarget[];
  notices: readonly Warning[];
  rules: TargetRules;
}

/**
 * Reads all files before the first byte of a dump. Throws (exit 3) if one is not recognised, or if there is
 * none and a target is expected to be absent.
 */
export async function openTargetFiles(
  { find = [], expectAbsent }: ScannerOptions,
  passwords: readonly Secret[] = [],
): Promise<TargetFiles> {
  if (find.length === 0 && expectAbsent)
    throw new DumpsieveError({
      code: 'expect-absent-alone',
      message: '--expect-absent without --find',
      hint: 'name the secrets with --find FILE',
    });
  // All rules read the files, whichever the scan uses.
  const book = await openRulebook({});
  const { targets, notices } = await readFindTargets(find, book, passwords);
  return { targets, notices, rules: targetRules(book.rules.rules) };
}

/** What is searched for as copies of the targets of the files, whatever becomes of what is found. */
export function copiesOfTargets(files: TargetFiles): CopyTarget[] {
  const places: FoundPlaces = { has: () => false, placesOf: () => undefined };
  const sink: FindingSink = { artifact() {}, judged: () => false, copy() {} };
  return [...new Find(files).copyTargets(places, sink)];
}

/** The targets of `--find`, the places of their public halves, and the answer for each. */
export class Find {
  readonly notices: readonly Warning[];
  readonly #targets: FindTarget[] = [];
  readonly #rules: TargetRules;
  readonly #byFinding = new Map<string, FindTarget[]>();
  /**
   * Targets known by a digest alone: `v1:` and the digest of a SubjectPublicKeyInfo in any form, or SSH's
   * fingerprint.
   */
  readonly #byName = new Map<string, FindTarget[]>();
  readonly #seen = new Map<FindTarget, Map<number, PublicPlaces>>();
  /** By artifact that was concluded: whether all of it was searched. */
  readonly #complete = new Map<number, boolean>();
  readonly #judges = new Map<number, JudgeValue>();

  /** Targets of a report: those of the files. */
  constructor({ targets, notices, rules }: TargetFiles) {
    this.#rules = rules;
    this.notices = notices;
    // A target that is known by a digest alone gets the id of its finding when the key is seen.
    for (const each of targets) this.#add({ ...each });
  }

  /** Adds what is known besides the files. */
  *addKnown(targets: readonly FindTarget[]): Pausing<never> {
    for (const each of targets) {
      this.#add(each);
      yield;
    }
  }

  #add(target: FindTarget): void {
    this.#targets.push(target);
    if (target.finding !== undefined) append(this.#byFinding, target.finding, target);
    if (target.spki !== undefined) return;
    const name = target.sshFingerprint ?? (target.spkiSha256 && `v1:${target.spkiSha256}`);
    if (name !== undefined) append(this.#byName, name, target);
  }

  /** Public halves for the search for bare keys. */
  get publicKeys(): SearchedPublicKey[] {
    return this.#targets.flatMap(({ spki, private: half }): SearchedPublicKey[] =>
      spki === undefined ? [] : [definedFields({ spki, isTarget: true, isTargetHeld: half && true })],
    );
  }

  /** The secrets of the targets, to be masked in all text of the report. */
  secrets(): Generator<KnownSecret> {
    return knownSecretsOf(this.#targets);
  }

  /** Needles for the search for copies. A private part or value that it finds goes to `sink`. */
  *copyTargets(places: FoundPlaces, sink: FindingSink): Generator<CopyTarget> {
    const sinks: TargetSinks = {
      ...{ rules: this.#rules, places, sink },
      judgeOf: (artifact) => this.#judges.get(artifact),
      sawPublic: (target, occurrence) => {
        for (const each of this.#byFinding.get(target.finding ?? '') ?? []) this.#see(each, occurrence);
      },
    };
    for (const target of this.#targets) yield* copyTargetsOf(target, sinks);
  }

  /** Name of the target with this public half. */
  nameOf(spki: Uint8Array): string | undefined {
    const id = `v1:${sha256Hex(spki)}`;
    this.#linkNames(id, () => keyIdentifiers(spki, sshFingerprintOf(spki)));
    return this.#byFinding.get(id)?.[0]?.name;
  }

  /** True if a candidate with this finding's id is a target. */
  isTarget(id: string, judged: Judged): boolean {
    if (!holdsPrivate(judged)) return false;
    this.#linkNames(id, () => identifiersOfFacts(judged.proof?.facts));
    return this.#byFinding.has(id);
  }

  /** Takes a public half of an artifact. For a target, returns the id under which its copies are searched. */
  sawPublic(record: PublicRecord, occurrence: () => Occurrence): string | undefined {
    const id = `v1:${sha256Hex(canonicalSpki(record.spki))}`;
    this.#linkNames(id, () => keyIdentifiers(record.spki, sshFingerprintOf(record.spki)));
    const targets = this.#byFinding.get(id) ?? [];
    if (targets.length === 0) return undefined;
    for (const each of targets) this.#see(each, { ...occurrence(), encoding: record.form });
    return `public ${id}`;
  }

  /** `judge`: what the artifact says of a value, until it is concluded. */
  judgesBy(artifact: number, judge: JudgeValue): void {
    this.#judges.set(artifact, judge);
  }

  concluded(artifact: number, complete: boolean): void {
    this.#judges.delete(artifact);
    this.#complete.set(artifact, complete);
  }

  /** One answer for each target, in the order of the command line. */
  *answers(places: FoundPlaces): Generator<FindReport> {
    for (const target of this.#targets) {
      const { name, alsoNamed, askedBy, spkiSha256, sshFingerprint } = target;
      const artifacts = [...this.#complete.keys()].sort((a, b) => a - b);
      const results = artifacts.map((index) => this.#result(target, index, places));
      yield definedFields({ name, alsoNamed, askedBy, spkiSha256, sshFingerprint, results });
    }
  }

  #result(target: FindTarget, artifact: number, places: FoundPlaces): FindResult {
    const complete = this.#complete.get(artifact) ?? false;
    const { finding } = target;
    const present = finding === undefined ? undefined : places.placesOf(finding, artifact);
    const publicHalves = [...(this.#seen.get(target)?.get(artifact)?.values() ?? [])];
    const found = present ?? publicHalves;
    const status = present ? 'present' : publicHalves.length > 0 ? 'public-only' : 'absent';
    return {
      artifact,
      status,
      forms: [...new Set(found.map(formOf))].sort(),
      complete,
      ...(status === 'absent' ? {} : { occurrences: found.slice(0, LISTED), occurrenceCount: found.length }),
    };
  }

  /** Links the targets known by one of these names alone to the finding with this id. */
  #linkNames(id: string, names: () => string[]): void {
    if (this.#byName.size === 0) return;
    for (const each of names().flatMap((name) => this.#byName.get(name) ?? [])) {
      if (each.finding === id) continue;
      each.finding = id;
      append(this.#byFinding, id, each);
    }
  }

  #see(target: FindTarget, occurrence: Occurrence): void {
    const artifacts = this.#seen.get(target) ?? new Map<number, PublicPlaces>();
    const seen: PublicPlaces = artifacts.get(occurrence.artifact) ?? new Map<string, Occurrence>();
    if (seen.size < REMEMBERED) seen.set(`${occurrence.offset} ${occurrence.length}`, occurrence);
    artifacts.set(occurrence.artifact, seen);
    this.#seen.set(target, artifacts);
  }
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
