import type { ByteReader } from '../core/base/bytes/storage.js';
import { Secret } from '../core/base/crypto/secret.js';
import { Pace, type Pausing } from '../core/base/runtime/turns.js';
import { type Limit, limitOf } from '../core/limits/limit.js';
import type { SecretCandidate } from '../detect/core/types.js';
import { documentationSecrets } from '../prove/documentation-secrets.js';
import type { SessionSamples, SlowTrials } from '../prove/judge/session-verification.js';
import type { Rule } from '../rules/types.js';
import { candidateOf } from '../search/core/candidate.js';
import { SkippedWork } from '../search/core/skipped-work.js';
import { CandidateList } from '../search/secrets/hmac/candidate-list.js';
import { UntriedPairs } from '../search/secrets/hmac/pair-trials.js';
import { SecretTexts, type TextSource } from '../search/secrets/hmac/secret-texts.js';

/** By source, the likeliest first: texts kept, and the slow keys that are derived, from a length on. */
const SOURCES: readonly [source: TextSource, most: number, slowFrom: number, slow: SlowTrials][] = [
  ['named', 1 << 15, 0, 'all'],
  ['assigned', 1 << 15, 32, 'all'],
  ['random', 1 << 17, 64, 'first'],
  ['words', 1 << 16, Number.POSITIVE_INFINITY, 'none'],
];

/** Secrets that are tried between two pauses: each may take milliseconds. */
const PACE = 8;

/** Characters of a secret made by `rails secret`, in hexadecimal, and by `mix phx.gen.secret`, in base64. */
const MADE = { hex: 128, base64: 64 };

/**
 * True if the text has the form that the commands of frameworks with slow keys give to secrets. Digests in
 * hexadecimal, of which a program has thousands, have another length.
 */
function isMade(key: Uint8Array): boolean {
  if (key.length !== MADE.hex && key.length !== MADE.base64) return false;
  const isHex = key.every((byte) => (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66));
  return isHex === (key.length === MADE.hex);
}

/** Indexes of the keys, those that a framework's command may have made first. */
function likeliestFirst(list: CandidateList): number[] {
  const all = Array.from({ length: list.size }, (_, at) => at);
  const made = new Set(all.filter((at) => isMade(list.key(at))));
  return [...made, ...all.filter((at) => !made.has(at))];
}

/**
 * Secrets of session tokens that no rule has found: texts anywhere in the artifact, as they are searched for
 * JSON Web Tokens. An interpreter keeps name and value of a variable in two objects.
 */
export class SessionSecrets {
  readonly #samples: SessionSamples;
  readonly #pace = new Pace(PACE);
  #untried = 0;

  constructor(samples: SessionSamples) {
    this.#samples = samples;
  }

  /** Secrets of documentation that sign sessions, at these: every reader can forge them. */
  *documented(rule: Rule): Pausing<SecretCandidate> {
    for (const { source, key } of documentationSecrets()) {
      if (this.#pace.isDue()) yield;
      const signed = this.#samples.signedWith(key, 'none');
      if (signed === undefined) continue;
      const { token, offset, length } = signed;
      const place = `the ${token.name} at 0x${offset.toString(16)}`;
      const evidence = `${place} has a secret of documentation: ${source}`;
      yield {
        ...candidateOf(rule, {
          material: { type: 'oct', k: new Secret(key) },
          place: { offset, length, reading: 'bytes-be' },
          ...{ encoding: 'session', evidence: [evidence] },
        }),
        title: 'secret of documentation that signs sessions',
        // The judge proves it. Of low confidence, so that no common word is masked in every text.
        confidence: 'low',
      };
    }
  }

  /** The secrets at their places, to be judged like those of a rule. */
  *candidates(rule: Rule, reader: ByteReader, isComplete: boolean): Pausing<SecretCandidate> {
    const samples = this.#samples;
    if (samples.isDone) return;
    const lists = yield* this.#texts(reader, isComplete);
    for (const [i, list] of lists.entries()) {
      const [, , slowFrom, slow] = SOURCES[i]!;
      for (const [rank, at] of likeliestFirst(list).entries()) {
        if (samples.isDone) {
          this.#untried += samples.isSolved ? 0 : list.size - rank;
          break;
        }
        if (this.#pace.isDue()) yield;
        const key = list.key(at);
        const slowTrials = isMade(key) ? 'all' : slow;
        const signed = samples.signedWith(key, key.length >= slowFrom ? slowTrials : 'none');
        if (signed === undefined) continue;
        const { offset, length, reading } = list.at(at);
        const material = { type: 'oct', k: new Secret(key) } as const;
        const place = { offset, length, reading: 'bytes-be' } as const;
        yield candidateOf(rule, { material, place, encoding: reading, signed: signed.offset });
      }
      list.release();
    }
    this.#untried += samples.skipped;
  }

  /** The texts of the artifact, a list for each source. */
  *#texts(reader: ByteReader, isComplete: boolean): Pausing<never, CandidateList[]> {
    const lists = SOURCES.map(([, most]) => new CandidateList(most));
    const bySource = new Map(SOURCES.map(([source], i) => [source, lists[i]!]));
    const most = new Map(SOURCES.map(([source, most]) => [source, most]));
    const hasRoom = (source: TextSource) => bySource.get(source)!.size < most.get(source)!;
    const skipped = new SkippedWork();
    const untried = new UntriedPairs(skipped, { size: 1 });
    for (const found of new SecretTexts(reader, skipped, untried, isComplete).texts(hasRoom))
      if (found === undefined) yield;
      else if (bySource.get(found.source)?.add(found.candidate) === false) this.#untried++;
    for (const { search, left } of skipped.all()) if (search === 'hmac-texts') this.#untried += left;
    return lists;
  }

  limits(length: number): Limit[] {
    if (this.#untried === 0) return [];
    const reason = `${this.#untried} texts were not tried as secrets of session tokens: the budget was spent`;
    return [limitOf('session-secrets', { left: this.#untried }, { offset: 0, length }, reason)];
  }
}
