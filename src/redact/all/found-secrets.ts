import type { Secret } from '../../core/base/crypto/secret.js';
import type { Component } from '../../core/model/key-material.js';
import { documentedIn } from '../../prove/documentation-secrets.js';
import { type SecretIdentity, slowFingerprint } from '../../prove/fingerprint.js';
import type { Judged } from '../../prove/judge/judged.js';
import { identifiersOfFacts } from '../../prove/key-identifiers.js';
import { knownKey, privateHalf } from '../../prove/private-half.js';
import type { FindTarget } from '../../scan/find/find-targets.js';
import { KnownSecrets } from '../../scan/policy/known-secrets.js';

/** Slow fingerprints of guessable secrets, of 40 ms each; further ones are not looked up, and are filled. */
const SLOW = 1_000;

/**
 * True for what the files of `--keep-allowed` name, by identity. Throws (exit 3) for a file that is not
 * understood.
 */
export async function allowedSecrets(
  files: readonly string[],
): Promise<(judged: Judged, identity: SecretIdentity) => boolean> {
  const { suppression } = await KnownSecrets.open({ allow: files });
  if (suppression === undefined) return () => false;
  const answers = new Map<string, boolean>();
  let slow = 0;
  return ({ proof }, { id, fingerprint, guessable }) => {
    const known = answers.get(id);
    if (known !== undefined) return known;
    const isSlow = fingerprint === undefined;
    if (isSlow && ++slow > SLOW) return false;
    const name = isSlow ? slowFingerprint(guessable) : fingerprint;
    const isAllowed = suppression(name, () => identifiersOfFacts(proof?.facts)) === 'allowed';
    answers.set(id, isAllowed);
    return isAllowed;
  };
}

const NONE: readonly Component[] = [];

type ProvenKey = NonNullable<FindTarget['private']>['proof'];

/** Shorter values, and those of fewer distinct bytes, are everywhere. In bytes. */
const SHORTEST = 8;
const LEAST_DISTINCT = 4;
/** Longer values are not searched for: each piece of one is a needle. */
const LONGEST = 8192;

/**
 * What was found so far, as targets of the next scan: the components of keys, proven or not, and values. What
 * is unlikely to be a secret (low confidence, words of documentation) is filled where it was found, but not
 * searched for elsewhere; a match that chance explains is, since it may be the one that is none.
 */
export class FoundSecrets {
  readonly #targets = new Map<string, FindTarget>();

  /** Takes a finding. True if there is more to search for than before. */
  add(judged: Judged, { id }: SecretIdentity): boolean {
    const target = keyTarget(judged, id) ?? valueTarget(judged, id);
    if (target === undefined) return false;
    const before = this.#targets.get(id)?.private?.proof.components ?? [];
    const after = target.private?.proof.components ?? [];
    const hasMore = after.some(({ name }) => !before.some((each) => each.name === name));
    if (this.#targets.has(id) && !hasMore) return false;
    this.#targets.set(id, target);
    return true;
  }

  /** The value of a finding that is searched for. */
  valueOf(id: string): Secret | undefined {
    return this.#targets.get(id)?.value;
  }

  /** The key of a finding that is proven. */
  proofOf(id: string): ProvenKey | undefined {
    return this.#targets.get(id)?.private?.proof;
  }

  /** Takes one more component of a key. True if it had none of its name. */
  addComponent(id: string, component: Component): boolean {
    const target = this.#targets.get(id);
    const half = target?.private;
    if (target === undefined || half === undefined) return false;
    if (half.proof.components.some(({ name }) => name === component.name)) return false;
    const proof = { ...half.proof, components: [...half.proof.components, component] };
    this.#targets.set(id, { ...target, private: { ...half, proof } });
    return true;
  }

  targets(): FindTarget[] {
    return [...this.#targets.values()];
  }
}

function keyTarget({ candidate, proof }: Judged, id: string): FindTarget | undefined {
  const { material, secret, rule, preview, title = rule.name } = candidate;
  const half = privateHalf(proof);
  if (half === undefined || material === undefined || half.components.length === 0) return undefined;
  if (half.components.some(({ value }) => documentedIn(value.reveal()) !== undefined)) return undefined;
  // Without its public half: the searches that it starts would only find parts of the known components.
  return {
    name: title,
    askedBy: 'private-key',
    finding: id,
    publicParts: NONE,
    private: {
      secret,
      material,
      title,
      preview,
      proof: knownKey(half, proof?.facts ?? { algorithm: title }),
    },
  };
}

function valueTarget({ candidate }: Judged, id: string): FindTarget | undefined {
  const { secret, rule, kind = rule.kind, confidence, isSecret, title = rule.name } = candidate;
  // Octets in a field are the key itself, those of a key format a whole structure.
  const isStructure = kind === 'private-key' && candidate.owner === undefined;
  if (candidate.material !== undefined || isStructure) return undefined;
  if (confidence === 'low' && !isSecret) return undefined;
  const bytes = secret.reveal();
  if (bytes.length < SHORTEST || bytes.length > LONGEST || new Set(bytes).size < LEAST_DISTINCT)
    return undefined;
  if (documentedIn(bytes) !== undefined) return undefined;
  return { name: title, askedBy: 'value', finding: id, publicParts: NONE, value: secret };
}
