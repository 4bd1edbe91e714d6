import { canonicalSpki, sha256Hex } from '../asn1/spki.js';
import { DumpsieveError } from '../base/runtime/errors.js';
import type { Warning } from '../base/runtime/warnings.js';
import type { CopyTarget } from '../copies/copy-targets.js';
import type { PublicRecord } from '../detect/core/types.js';
import type { Judged } from '../judge/judged.js';
import type { FindReport, FindResult, Occurrence } from '../model/report.js';
import type { ScanOptions } from '../options/scan-options.js';
import type { Fold } from '../policy/fold.js';
import { namesOf, namesOfFacts } from '../prove/key-identifiers.js';
import type { Masker } from '../report/mask.js';
import { openRulebook } from '../rulebook/rulebook.js';
import type { PublicKey } from '../search/core/types.js';
import { type FindTarget, readFindTargets, sshFingerprintOf } from './find-targets.js';
import { copyTargetsOf, type TargetRules, targetRules } from './target-copies.js';

/** Places of one thing in one artifact that the report lists. */
const LISTED = 100;

/** The public half of one key in one artifact: places by their extent, so that each is counted once. */
type Seen = Map<string, Occurrence>;

/** Places of one public half in one artifact that are remembered. */
const REMEMBERED = 10_000;

/** Private material that is the key's: proven, or such that only its public half was missing. */
const holdsPrivate = ({ candidate, proof }: Judged): boolean =>
  candidate.material === undefined ||
  proof?.status === 'proven' ||
  (proof?.status === 'unproven' && proof.pending !== undefined);

/** "p limbs-le", "pem", "base64 in UTF-16LE": one form of the report. */
function formOf({ component, encoding, wide }: Occurrence): string {
  const form = [component, encoding ?? 'utf8'].filter((part) => part !== undefined).join(' ');
  return wide === undefined ? form : `${form} in UTF-16${wide.toUpperCase()}`;
}

/** The answer to "is ours in there?": what is asked for, what was seen of it, and the report of both. */
export class Find {
  readonly notices: readonly Warning[];
  readonly #asked: readonly FindTarget[];
  readonly #rules: TargetRules;
  readonly #byFinding = new Map<string, FindTarget[]>();
  /** What is known by a digest alone: `v1:` and that of a SubjectPublicKeyInfo in whatever form, or SSH's fingerprint. */
  readonly #byName = new Map<string, FindTarget[]>();
  readonly #seen = new Map<FindTarget, Map<number, Seen>>();
  /** Of each artifact that has ended. */
  readonly #complete = new Map<number, boolean>();

  private constructor(asked: readonly FindTarget[], notices: readonly Warning[], rules: TargetRules) {
    this.#asked = asked;
    this.#rules = rules;
    this.notices = notices;
    for (const each of asked) {
      if (each.finding !== undefined) append(this.#byFinding, each.finding, each);
      if (each.spki !== undefined) continue;
      const name = each.sshFingerprint ?? (each.spkiSha256 && `v1:${each.spkiSha256}`);
      if (name !== undefined) append(this.#byName, name, each);
    }
  }

  /** Reads all files before the first byte of a dump; throws (exit 3) for one that cannot be read or is not known. */
  static async open({ find = [], expectAbsent }: ScanOptions): Promise<Find | undefined> {
    if (find.length === 0) {
      if (!expectAbsent) return undefined;
      throw new DumpsieveError({
        code: 'expect-absent-alone',
        message: '--expect-absent: nothing is asked for',
        hint: 'say with --find FILE what is to be absent',
      });
    }
    // Whatever rules the scan is limited to, a file is read by all.
    const book = await openRulebook({ paths: [] });
    const { asked, notices } = await readFindTargets(find, book);
    return new Find(asked, notices, targetRules(book.rules.rules));
  }

  /** Public halves that the search for bare numbers can test against. */
  get publicKeys(): PublicKey[] {
    return this.#asked.flatMap(({ spki, private: half }) =>
      spki === undefined ? [] : [{ spki, asked: true, ...(half ? { held: true } : {}) }],
    );
  }

  /** No text of a report shows what was asked for. */
  hide(masker: Masker): void {
    for (const { value, private: half } of this.#asked) {
      if (value) masker.learn(value, 'asked-for');
      if (half) masker.learn(half.secret, 'asked-for');
    }
  }

  /** What the copies sweep looks for. */
  ringKeys(fold: Fold): CopyTarget[] {
    const sawPublic = (asked: FindTarget) => (occurrence: Occurrence) => {
      for (const each of this.#byFinding.get(asked.finding ?? '') ?? []) this.#see(each, occurrence);
    };
    return this.#asked.flatMap((asked) => copyTargetsOf(asked, this.#rules, fold, sawPublic(asked)));
  }

  /** Who asks for the key with this public half. */
  nameOf(spki: Uint8Array): string | undefined {
    const id = `v1:${sha256Hex(spki)}`;
    this.#learn(id, () => namesOf(spki, sshFingerprintOf(spki)));
    return this.#byFinding.get(id)?.[0]?.name;
  }

  /** Is a candidate with this finding's id what is asked for? */
  counts(id: string, judged: Judged): boolean {
    if (!holdsPrivate(judged)) return false;
    this.#learn(id, () => namesOfFacts(judged.proof?.facts));
    return this.#byFinding.has(id);
  }

  /** A certificate or public key of an artifact. Returns the id under which the copies sweep knows its public half. */
  sawPublic(record: PublicRecord, place: (offset: number) => Occurrence): string | undefined {
    const id = `v1:${sha256Hex(canonicalSpki(record.spki))}`;
    this.#learn(id, () => namesOf(record.spki, sshFingerprintOf(record.spki)));
    const asked = this.#byFinding.get(id) ?? [];
    if (asked.length === 0) return undefined;
    const { offset, length, form } = record;
    for (const each of asked) this.#see(each, { ...place(offset), length, encoding: form });
    return `public ${id}`;
  }

  /** An artifact has ended. */
  concluded(artifact: number, complete: boolean): void {
    this.#complete.set(artifact, complete);
  }

  /** One answer for each thing that was asked for, in the order of the command line. */
  *reports(fold: Fold): Generator<FindReport> {
    for (const asked of this.#asked) {
      const { name, askedBy, spkiSha256, sshFingerprint } = asked;
      yield {
        name,
        askedBy,
        ...(spkiSha256 === undefined ? {} : { spkiSha256 }),
        ...(sshFingerprint === undefined ? {} : { sshFingerprint }),
        results: [...this.#complete.keys()]
          .sort((a, b) => a - b)
          .map((index) => this.#result(asked, index, fold)),
      };
    }
  }

  #result(asked: FindTarget, artifact: number, fold: Fold): FindResult {
    const complete = this.#complete.get(artifact) ?? false;
    const present = asked.finding === undefined ? undefined : fold.placesOf(asked.finding, artifact);
    const shown = [...(this.#seen.get(asked)?.get(artifact)?.values() ?? [])];
    const places = present ?? shown;
    const status = present ? 'present' : shown.length > 0 ? 'public-only' : 'absent';
    return {
      artifact,
      status,
      forms: [...new Set(places.map(formOf))].sort(),
      complete,
      ...(status === 'absent'
        ? {}
        : { occurrences: places.slice(0, LISTED), occurrenceCount: places.length }),
    };
  }

  /** Who asked by one of these names asks for the finding with this id. */
  #learn(id: string, names: () => string[]): void {
    if (this.#byName.size === 0) return;
    for (const each of names().flatMap((name) => this.#byName.get(name) ?? [])) {
      if (each.finding === id) continue;
      each.finding = id;
      append(this.#byFinding, id, each);
    }
  }

  #see(asked: FindTarget, occurrence: Occurrence): void {
    const artifacts = this.#seen.get(asked) ?? new Map<number, Seen>();
    const seen: Seen = artifacts.get(occurrence.artifact) ?? new Map<string, Occurrence>();
    if (seen.size < REMEMBERED) seen.set(`${occurrence.offset} ${occurrence.length}`, occurrence);
    artifacts.set(occurrence.artifact, seen);
    this.#seen.set(asked, artifacts);
  }
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
