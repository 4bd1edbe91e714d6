import type { FoundIn, Presence, QueryFilter, TargetPresence } from '../model/answers.js';
import type { Target } from '../model/target.js';
import type { Questions } from '../store/questions.js';

/**
 * Digests of targets of --find whose answers are about this target, the strongest search first: by a private
 * key everything is found that a search by its public half finds, and by that what a digest finds.
 */
function digestsOf({ digest, spki, ssh }: Target): string[] {
  if (spki === undefined && ssh === undefined) return [digest];
  const bySpki = spki === undefined ? [] : ['private', 'public', 'sha256'].map((kind) => `${kind}:${spki}`);
  return [...bySpki, ...(ssh === undefined ? [] : [`ssh:${ssh}`])];
}

/** Digests of searches that are at least as strong as one for this target: their absences are its absence. */
const asStrong = (target: Target): string[] => {
  const all = digestsOf(target);
  return all.slice(0, all.indexOf(target.digest) + 1);
};

/**
 * Whether a target is in the dumps of a filter. It is absent only if for each of them a complete search with
 * --find says so; where such a search has seen its public half alone, its private half is absent.
 */
export async function presenceOf(
  target: Target,
  questions: Questions,
  filter: QueryFilter,
): Promise<TargetPresence> {
  const found: FoundIn[] = [];
  for await (const each of questions.findings(target, filter)) found.push(each);
  const named = new Set(found.map(({ dump }) => dump.id));
  const given = await questions.answers(digestsOf(target), filter);
  const answers = given.filter(({ dump }) => !named.has(dump.id));
  const asked = await questions.asked(asStrong(target), filter);
  const isPresent = found.length > 0 || answers.some(({ answer }) => answer.status === 'present');
  const isProvenAbsent = !isPresent && asked.dumps > 0 && asked.searched === asked.dumps;
  return { target, presence: wordOf(), isProvenAbsent, asked, found, answers };

  function wordOf(): Presence {
    if (isPresent) return 'present';
    if (answers.length > 0) return 'public-only';
    return isProvenAbsent ? 'absent' : 'not-found-by-rules';
  }
}
