import { useSecrets } from '../core/base/crypto/secret-memory.js';
import { definedFields } from '../core/base/runtime/defined.js';
import { DumpsieveError, type Notice } from '../core/base/runtime/errors.js';
import { noticeOf } from '../core/base/runtime/warnings.js';
import type { Target } from '../core/model/target.js';
import { openRulebook } from '../detect/rulebook/rulebook.js';
import { type SecretIdentity, slowFingerprints } from '../prove/fingerprint.js';
import { identityOfSpki } from '../prove/identity-of-spki.js';
import { type FindTarget, identitiesOf, readFindTargets } from '../scan/find/find-targets.js';
import { readFindPasswords } from '../scan/secret-files/passwords.js';

export type { Target } from '../core/model/target.js';

/** Slow fingerprints of one call, 40 ms each on up to four threads. A scan computes as many. */
const MOST_SLOW = 1_000;

export interface TargetOptions {
  /** File with the passwords of encrypted keys, one a line. */
  findPasswordFile?: string;
  /** Takes what was not understood, or is not searched for. */
  onNotice?(notice: Notice): void;
  /** Ends the call: it rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * The targets of files of --find, in the order of the `find` events of a report. No field is secret, but the
 * fingerprint of a value is of use to a guesser. Throws (exit 3) for a file that is not recognised, and
 * `too-many-values` if more than 1,000 values have slow fingerprints.
 */
export async function readTargets(
  files: readonly string[],
  { findPasswordFile, onNotice, signal }: TargetOptions = {},
): Promise<Target[]> {
  const endSecrets = useSecrets();
  try {
    // All rules read the files, as in a scan, whichever it uses.
    const book = await openRulebook({});
    const { targets, notices } = await readFindTargets(files, book, readFindPasswords(findPasswordFile));
    for (const each of notices) onNotice?.(noticeOf(each));
    const identities = targets.map((target) => identitiesOf(target, book));
    const slow = await slowOf(identities.flat(), signal);
    return targets.map((target, i) =>
      targetOf(
        target,
        identities[i]!.map(({ id, fingerprint }) => fingerprint ?? slow.get(id)!),
      ),
    );
  } finally {
    endSecrets();
  }
}

/** Fingerprints of guessable secrets, by id. */
async function slowOf(
  identities: readonly SecretIdentity[],
  signal: AbortSignal | undefined,
): Promise<Map<string, string>> {
  const slow = new Map(identities.flatMap(({ id, guessable }) => (guessable ? [[id, guessable]] : [])));
  if (slow.size > MOST_SLOW)
    throw new DumpsieveError({
      code: 'too-many-values',
      message: `${slow.size} values are guessable: at most ${MOST_SLOW} such values are identified at a time`,
      hint: 'give fewer files, or split them',
    });
  const ids = [...slow.keys()];
  const fingerprints = new Map<string, string>();
  await slowFingerprints([...slow.values()], (i, each) => fingerprints.set(ids[i]!, each), signal);
  signal?.throwIfAborted();
  return fingerprints;
}

function targetOf(target: FindTarget, fingerprints: readonly string[]): Target {
  const { name, alsoNamed, askedBy, spki, spkiSha256, sshFingerprint } = target;
  const facts = spki && identityOfSpki(spki)?.facts;
  return definedFields({
    digest: digestOf(target, fingerprints[0]),
    name,
    alsoNamed,
    askedBy,
    spki: spkiSha256,
    ssh: sshFingerprint ?? facts?.sshFingerprint,
    jwk: facts?.jwkThumbprint,
    fingerprints,
  });
}

function digestOf(target: FindTarget, fingerprint: string | undefined): string {
  const { askedBy, spki, spkiSha256, sshFingerprint } = target;
  if (spki !== undefined) return `${askedBy === 'private-key' ? 'private' : 'public'}:${spkiSha256}`;
  if (sshFingerprint !== undefined) return `ssh:${sshFingerprint}`;
  return spkiSha256 === undefined ? fingerprint! : `sha256:${spkiSha256}`;
}
