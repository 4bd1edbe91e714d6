import { definedFields } from '../base/runtime/defined.js';
import type {
  ArtifactReport,
  AskedBy,
  FindReport,
  FindResult,
  FindStatus,
  Occurrence,
} from '../model/report.js';
import { regionText } from './places.js';
import { grouped, plural, shorten } from './text.js';

/** Answers to `--find` in sentences, for pretty, markdown, SARIF and JUnit. */

/** Regions and forms named in one answer. */
const NAMED = 4;

/** Bytes of an artifact that were searched. */
export interface SearchedBytes {
  path: string;
  read: number;
  size: number;
}

/** Limits of a search without the private half. */
const PUBLIC_ONLY_NOTES: Readonly<Partial<Record<AskedBy, string>>> = {
  'public-key':
    'searched for by its public half: private parts on their own are found if they prove to belong to it',
  digest: 'searched for by a digest: only keys and certificates that were read are compared with it',
  'ssh-fingerprint':
    'searched for by a fingerprint: only keys and certificates that were read are compared with it',
};

function list(words: readonly string[]): string {
  const distinct = [...new Set(words)];
  const named = distinct.slice(0, NAMED).join(', ');
  return distinct.length > NAMED ? `${named} and ${distinct.length - NAMED} more` : named;
}

const regions = (places: readonly Occurrence[]): string =>
  list(places.map(({ region }) => regionText(region)));

const places = ({ occurrenceCount = 0, occurrences = [], forms }: FindResult): string =>
  `${plural(occurrenceCount, 'place')}: ${regions(occurrences)}; as ${list(forms)}`;

const SENTENCES: Readonly<Record<FindStatus, (result: FindResult, searched: SearchedBytes) => string>> = {
  present: (result, { path }) => `PRESENT in ${path} (${places(result)})`,
  'public-only': (result, { path }) => `public half only in ${path} (${places(result)})`,
  absent: (_, { path, read, size }) =>
    `not found in ${path}: ${grouped(read)} of ${plural(size, 'byte')} were read`,
};

/** One sentence about one artifact. */
function answer(result: FindResult, searched: SearchedBytes): string {
  const sentence = SENTENCES[result.status] ?? SENTENCES.absent;
  const doubt = result.complete ? '' : ', but not everything was searched';
  return `${sentence(result, searched)}${doubt}`;
}

interface Answer {
  status: FindStatus;
  sentences: string[];
  /** Limits of the search that qualify an absence. */
  note?: string;
}

const RANK: readonly FindStatus[] = ['present', 'public-only', 'absent'];
/** Artifacts with a sentence of their own. */
const ARTIFACTS = 20;

/** The answer for one target: a sentence for each artifact that holds it, one for all others. */
export function answerOf({ askedBy, results }: FindReport, artifacts: readonly SearchedBytes[]): Answer {
  const status = RANK.find((each) => results.some((result) => result.status === each)) ?? 'absent';
  const holding = results.filter((result) => result.status !== 'absent');
  const named = holding.slice(0, ARTIFACTS).map((result) => answer(result, searchedOf(result, artifacts)));
  const more = holding.length - named.length;
  if (more > 0) named.push(`and in ${plural(more, 'further file')}`);
  const without = results.filter((result) => result.status === 'absent');
  if (without.length > 0) named.push(absence(without, artifacts));
  if (results.length === 0) named.push('no answer: nothing was searched');
  const note = status === 'present' ? undefined : PUBLIC_ONLY_NOTES[askedBy];
  return definedFields({ status, sentences: named, note });
}

const searchedOf = ({ artifact }: FindResult, artifacts: readonly SearchedBytes[]): SearchedBytes =>
  artifacts[artifact] ?? { path: `artifact ${artifact}`, read: 0, size: 0 };

function absence(results: readonly FindResult[], artifacts: readonly SearchedBytes[]): string {
  const all = results.map((result) => searchedOf(result, artifacts));
  const path = all.length === 1 ? all[0]!.path : plural(all.length, 'file');
  const sum = (of: (searched: SearchedBytes) => number) => all.reduce((total, each) => total + of(each), 0);
  const complete = results.every((result) => result.complete);
  return answer({ ...results[0]!, complete }, { path, read: sum((a) => a.read), size: sum((a) => a.size) });
}

export function searchedBytes({ path, size, coverage }: ArtifactReport): SearchedBytes {
  const { bytes, unread } = coverage.file;
  const missed = unread.reduce((sum, { length }) => sum + (length ?? 0), 0);
  return { path: shorten(path, 200), read: Math.max(0, bytes - missed), size: Math.max(size, bytes) };
}

/** The answers of a scan in order of status, present ones first. A cap holds for each status. */
export class AnswerList {
  readonly #most: number;
  readonly #artifacts: SearchedBytes[] = [];
  readonly #texts: Record<FindStatus, { name: string; text: string }[]> = {
    present: [],
    'public-only': [],
    absent: [],
  };
  /** Answers beyond the cap. */
  more = 0;

  constructor(most: number) {
    this.#most = most;
  }

  artifact(event: ArtifactReport): void {
    this.#artifacts.push(searchedBytes(event));
  }

  find(event: FindReport): void {
    const { status, sentences, note } = answerOf(event, this.#artifacts);
    const text = `${sentences.join('; ')}.${note === undefined ? '' : ` (${note})`}`;
    if (this.#texts[status].length < this.#most) this.#texts[status].push({ name: event.name, text });
    else this.more++;
  }

  list(): { status: FindStatus; name: string; text: string }[] {
    return RANK.flatMap((status) => this.#texts[status].map((each) => ({ status, ...each })));
  }
}
