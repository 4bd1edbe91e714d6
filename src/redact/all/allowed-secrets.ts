import type { Judged } from '../../judge/judged.js';
import { KnownSecrets } from '../../policy/known-secrets.js';
import { type Identity, slowFingerprint } from '../../prove/fingerprint.js';
import { identifiersOfFacts } from '../../prove/key-identifiers.js';

/** Slow fingerprints of guessable secrets, of 40 ms each; further ones are not looked up, and are filled. */
const SLOW = 1_000;

/**
 * True for what the files of `--keep-allowed` name, by identity. Throws (exit 3) for a file that is not
 * understood.
 */
export async function allowedSecrets(
  files: readonly string[],
): Promise<(judged: Judged, identity: Identity) => boolean> {
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
