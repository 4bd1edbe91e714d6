import { createHash } from 'node:crypto';
import type { Candidate } from '../detect/core/types.js';
import type { KeyMaterial } from '../model/key-material.js';
import type { Limit } from '../model/report.js';
import { ProofBudget } from '../prove/attempt.js';
import { promote } from '../prove/promote.js';
import { prove } from '../prove/prove.js';
import { proveRemains } from '../prove/remains.js';
import type { ProofResult } from '../prove/types.js';
import { type Joined, Joiner } from './joiner.js';
import type { Judged } from './judged.js';

/** What arithmetic and the rest of the artifact say of a key. */
export type KeyVerdict = Pick<
  Judged,
  'proof' | 'certificates' | 'statements' | 'verifiesToken' | 'ephemeral'
>;

interface Waiting {
  candidate: Candidate;
  proof: ProofResult;
}

const SEED = 'the PrivateKeyInfo is whole (RFC 8410) and its seed gives the public key';

/** Encodings that are a PrivateKeyInfo inside; `base64`: the text of a PEM without its lines. */
const DECLARING: ReadonlySet<string> = new Set(['pkcs8', 'pem', 'base64']);

/**
 * A whole PrivateKeyInfo that names an Edwards or Montgomery curve: most carry no public half to compare with, and any seed of
 * the right length is a key. What would be a guess for bare bytes is what the structure says of itself.
 */
function declaresSeed({ material, confidence, encoding, component, partial }: Candidate): boolean {
  const isWhole = component === undefined && !partial;
  return material?.type === 'okp' && confidence === 'high' && isWhole && DECLARING.has(encoding ?? '');
}

/** What two keys of the same numbers may differ in: the facts of their proofs say how each was written. */
function writtenAs(material: KeyMaterial): string | Uint8Array {
  if (material.type === 'ec') return material.explicit ?? '';
  return material.type === 'rsa' && material.pss ? (material.pssParameters ?? 'pss') : '';
}

/**
 * Work that the proofs of one artifact may do: about {@link BUDGET} ms. One RSA-2048 key takes 6 units, a flood of keys
 * more than anyone waits for.
 */
const BUDGET = 40_000;
/** Keys of a key agreement alone: a process may have one for each of its connections. */
const SIGN_NOTHING: ReadonlySet<string> = new Set(['X25519', 'X448']);
/** Keys of one artifact that wait for its certificates; more are judged without. */
const MOST_WAITING = 20_000;

/** The name of the thing asked for that has this public half, if any. */
type AskedFor = (canonicalSpki: Uint8Array) => string | undefined;

/** Proves the keys of one artifact as they come, and judges them when everything that may belong to them is known. */
export class KeyJudge {
  readonly joiner = new Joiner();
  readonly #askedFor: AskedFor;
  readonly #budget = new ProofBudget(BUDGET);
  /** Proofs by digest of the key: fifty copies of a PEM are proven once. */
  readonly #proofs = new Map<string, ProofResult>();
  readonly #joined = new Map<string, Joined>();
  readonly #waiting: Waiting[] = [];

  constructor(askedFor: AskedFor = () => undefined) {
    this.#askedFor = askedFor;
  }

  /** Takes a candidate that holds a key; false where too many wait: it must be judged at once. */
  take(candidate: Candidate & { material: KeyMaterial }): boolean {
    if (this.#waiting.length >= MOST_WAITING) return false;
    this.#waiting.push({ candidate, proof: this.#prove(candidate) });
    return true;
  }

  /** Those that wait, each with its verdict. */
  *settle(): Generator<{ candidate: Candidate; verdict: KeyVerdict }> {
    for (const { candidate, proof } of this.#waiting.splice(0)) {
      yield { candidate, verdict: this.#judge(candidate, proof) };
    }
  }

  /** Keys that wait and are proven, or will be by what they have signed: by their canonical SubjectPublicKeyInfo, each once. */
  signers(): Uint8Array[] {
    const keys = new Map<string, Uint8Array>();
    for (const { proof } of this.#waiting) {
      // Of a damaged key what is left of it signs all the same.
      const rest = proof.status === 'contradicted' ? proof.remains : proof;
      const known = rest?.status === 'unproven' ? rest.pending : rest;
      if (known === undefined || known.canonicalSpki.length === 0 || known.published !== undefined) continue;
      if (!SIGN_NOTHING.has(rest?.facts?.algorithm ?? ''))
        keys.set(Buffer.from(known.canonicalSpki).toString('base64'), known.canonicalSpki);
    }
    return [...keys.values()];
  }

  /** True where arithmetic alone makes these parts a key. */
  proves(material: KeyMaterial): boolean {
    return prove(material, this.#budget).status === 'proven';
  }

  /** A key that was set aside until now, when others are judged. */
  judge(candidate: Candidate & { material: KeyMaterial }): KeyVerdict {
    return this.#judge(candidate, this.#prove(candidate));
  }

  /** A key that could not wait: proven, but not joined with anything. */
  atOnce(candidate: Candidate & { material: KeyMaterial }): KeyVerdict {
    return { proof: this.#prove(candidate) };
  }

  limits(length: number): Limit[] {
    const refused = this.#budget.refused;
    const proofs = {
      offset: 0,
      length,
      search: 'proof',
      reason: `${refused} keys were not proven: the artifact's budget of arithmetic was spent`,
    };
    return [...(refused > 0 ? [proofs] : []), ...this.joiner.limits()];
  }

  #prove({ material, secret }: Candidate & { material: KeyMaterial }): ProofResult {
    // A seed's encoding has no public half: with one beside it there is more to prove than without.
    const beside = ('public' in material && material.public) || '';
    const id = createHash('sha256')
      .update(material.type)
      .update(secret.reveal())
      .update(writtenAs(material))
      .update(beside)
      .digest('base64');
    const known = this.#proofs.get(id);
    if (known) return known;
    const whole = prove(material, this.#budget);
    const proof = whole.status === 'contradicted' ? proveRemains(material, whole, this.#budget) : whole;
    if (this.#proofs.size < MOST_WAITING) this.#proofs.set(id, proof);
    return proof;
  }

  #judge(candidate: Candidate, proof: ProofResult): KeyVerdict {
    if (proof.status === 'contradicted' && proof.remains) {
      // What the structure says of itself is refuted: its public half stands elsewhere, or nothing is proven.
      const verdict = this.#judge({ ...candidate, confidence: 'low' }, proof.remains);
      if (verdict.proof?.status === 'proven') return verdict;
    }
    const joined = this.#join(candidate, proof);
    if (joined === undefined) return { proof };
    const { certificates, jwts, publicHalf } = joined;
    const promoted = promote(proof, joined);
    return {
      proof:
        promoted.status === 'unproven' && declaresSeed(candidate)
          ? promote(promoted, { statements: [SEED] })
          : promoted,
      certificates,
      verifiesToken: jwts.length > 0,
      ephemeral: candidate.ephemeral === true && publicHalf === undefined && jwts.length === 0,
    };
  }

  #join({ material, secret }: Candidate, proof: ProofResult): Joined | undefined {
    if (material?.type === 'oct') return this.joiner.join({ symmetric: material.k });
    if (material?.type === 'hmac-states') return this.joiner.join({ symmetric: material });
    const spki =
      proof.status === 'proven'
        ? proof.canonicalSpki
        : proof.status === 'unproven'
          ? proof.pending?.canonicalSpki
          : undefined;
    if (spki === undefined || spki.length === 0 || secret.length === 0) return undefined;
    const id = Buffer.from(spki).toString('base64');
    const joined = this.#joined.get(id) ?? this.#ofArtifact(spki);
    this.#joined.set(id, joined);
    return joined;
  }

  /** A public half that somebody asks for proves a private one as well as one that stands in the dump. */
  #ofArtifact(canonicalSpki: Uint8Array): Joined {
    const joined = this.joiner.join({ canonicalSpki });
    const name = joined.publicHalf === undefined ? this.#askedFor(canonicalSpki) : undefined;
    return name === undefined ? joined : { ...joined, publicHalf: `what is asked for (${name})` };
  }
}
