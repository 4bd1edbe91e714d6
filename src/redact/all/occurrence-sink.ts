import { unionOf } from '../../core/base/bytes/intervals.js';
import type { ByteReader } from '../../core/base/bytes/storage.js';
import { Secret } from '../../core/base/crypto/secret.js';
import type { Component } from '../../core/model/key-material.js';
import type { Extent, Occurrence } from '../../core/model/report.js';
import { quickFingerprint, type SecretIdentity } from '../../prove/fingerprint.js';
import type { FindingSink } from '../../prove/judge/finding-sink.js';
import { type Judged, publishedIn } from '../../prove/judge/judged.js';
import { publishedFingerprint } from '../../prove/published.js';
import type { Fills } from './fills.js';
import type { FoundSecrets } from './found-secrets.js';
import { repeatedByte } from './repeated-byte.js';

/** Bytes of a scalar of Ed25519, and of the prefix. */
const SIZE = 32;
/** Of 32 random bytes fewer are distinct in one of 40,000 cases. */
const LEAST_DISTINCT = 24;

/** The prefix of an expanded key, and where it lies. */
interface NoncePrefix {
  place: Extent;
  component: Component;
}

/** True for an Ed25519 key that is known without its seed, from which its prefix cannot be computed. */
const hasNoSeed = (components: readonly Component[]): boolean =>
  components.some(({ name }) => name === 'scalar') && components.every(({ name }) => name !== 'seed');

/**
 * The prefix for nonces that libraries keep after the scalar of an expanded Ed25519 key (RFC 8032, 5.1.5):
 * together with any signature it gives the key. No arithmetic proves it: random bytes count as one, unless
 * they are the public key. `scalar`: its place, little-endian. Undefined if there is none.
 */
function noncePrefix(reader: ByteReader, scalar: Extent, spki: Uint8Array): NoncePrefix | undefined {
  if (scalar.length !== SIZE) return undefined;
  const place = { offset: scalar.offset + SIZE, length: SIZE };
  const bytes = new Uint8Array(SIZE);
  if (reader.read(place.offset, bytes) < SIZE || new Set(bytes).size < LEAST_DISTINCT) return undefined;
  if (Buffer.from(spki.subarray(-SIZE)).equals(bytes)) return undefined;
  // A byte string: reversed, so that its little-endian limbs are the bytes.
  return { place, component: { name: 'prefix', value: new Secret(bytes.reverse()) } };
}

export interface OccurrenceSetup {
  fills: Fills;
  found: FoundSecrets;
  /** True for a secret that stays, by its identity. */
  isAllowed: (judged: Judged, identity: SecretIdentity) => boolean;
}

/**
 * Fills every place of every finding, those that pass the gate too. Published test keys stay unless they
 * verify a token of the dump, and so do allowed secrets.
 */
export class OccurrenceSink implements FindingSink {
  readonly #setup: OccurrenceSetup;
  /** Rule of each finding, by its id. */
  readonly #rules = new Map<string, string>();
  #view: ByteReader | undefined;
  #news = false;

  constructor(setup: OccurrenceSetup) {
    this.#setup = setup;
  }

  artifact(): void {}

  judged(judged: Judged, identity: SecretIdentity): boolean {
    const { candidate, verifiesToken } = judged;
    const { found, isAllowed } = this.#setup;
    if (candidate.extents.every((extent) => this.#isRun(extent))) return false;
    const isPublished =
      publishedIn(judged.proof) !== undefined ||
      publishedFingerprint(quickFingerprint(identity)) !== undefined;
    if ((isPublished && !verifiesToken) || isAllowed(judged, identity)) return false;
    this.#rules.set(identity.id, candidate.rule.id);
    this.#fill(candidate.extents, candidate.rule.id);
    if (found.add(judged, identity)) this.#news = true;
    if (candidate.material?.type === 'edwards-scalar') this.#fillPrefix(identity.id, candidate.extents);
    return true;
  }

  copy(id: string, { offset, length, component, extents = [{ offset, length }] }: Occurrence): void {
    const rule = this.#rules.get(id);
    if (rule === undefined) return;
    this.#fill(extents, rule);
    if (component === 'scalar') this.#fillPrefix(id, extents);
  }

  /** Begins a scan of a view. What is filled in it already is no finding. */
  scanning(view: ByteReader): void {
    this.#view = view;
  }

  /** True if bytes were filled or secrets found since the last call. */
  takeNews(): boolean {
    const news = this.#news;
    this.#news = false;
    return news;
  }

  #fill(extents: readonly Extent[], cause: string): void {
    for (const { offset, length } of unionOf(extents))
      if (this.#setup.fills.add(offset, length, cause)) this.#news = true;
  }

  /** Fills the prefix for nonces after a scalar of Ed25519, and searches for it from then on. */
  #fillPrefix(id: string, [scalar, ...others]: readonly Extent[]): void {
    const { found } = this.#setup;
    const proof = found.proofOf(id);
    if (!this.#view || !scalar || others.length > 0 || !proof || !hasNoSeed(proof.components)) return;
    const prefix = noncePrefix(this.#view, scalar, proof.canonicalSpki);
    if (prefix === undefined) return;
    this.#fill([prefix.place], 'component');
    if (found.addComponent(id, prefix.component)) this.#news = true;
  }

  /** True if a range of the view is one repeated byte: that is no secret. */
  #isRun(extent: Extent): boolean {
    return this.#view !== undefined && repeatedByte(this.#view, extent) !== undefined;
  }
}
