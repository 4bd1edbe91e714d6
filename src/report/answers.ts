import { definedFields } from '../core/base/runtime/defined.js';
import type { AskedBy, FindReport, FindResult, FindStatus } from '../core/model/report.js';
import type { ArtifactList } from './artifact-list.js';
import { regionText } from './places.js';
import { grouped, plural } from './text.js';

/** Answers to `--find`: which files hold a target, which do not, and sentences for SARIF and JUnit. */

/** Regions and forms named in one answer. */
const NAMED = 4;
/** Further names of one target. */
const MOST_NAMES = 20;

/** Limits of a search without the private half. */
const PUBLIC_ONLY_NOTES: Readonly<Partial<Record<AskedBy, string>>> = {
  'public-key':
    'searched for by its public half: private parts on their own are found if they prove to belong to it',
  digest:
    'searched for by a digest: only keys and certificates that were read are compared with it; ' +
    'a secret in hex is searched for as NAME=VALUE',
  'ssh-fingerprint':
    'searched for by a fingerprint: only keys and certificates that were read are compared with it',
};

export const RANK: readonly FindStatus[] = ['present', 'public-only', 'absent'];

export function list(words: readonly string[]): string {
  const distinct = [...new Set(words)];
  const named = distinct.slice(0, NAMED).join(', ');
  return distinct.length > NAMED ? `${named} and ${distinct.length - NAMED} more` : named;
}

/** "2 places: heap, stack of thread 7". */
export function placesText({ occurrenceCount = 0, occurrences = [] }: FindResult): string {
  const regions = list(occurrences.map(({ region }) => regionText(region)));
  return `${plural(occurrenceCount, 'place')}${regions === '' ? '' : `: ${regions}`}`;
}

/** A file in which a target is absent, whatever the file contains. */
interface AbsentFile {
  path: string;
  read: number;
  size: number;
  complete: boolean;
  /** What was not searched. */
  gaps: string;
  /** A process that still runs: its memory was searched, and its registers were not. */
  isProcess: boolean;
}

interface Answer {
  status: FindStatus;
  /** Artifacts that hold the target or its public half. */
  holding: FindResult[];
  /** Files of which no artifact holds it. */
  absent: AbsentFile[];
  /** Limits of the search that qualify an absence. */
  note?: string;
}

/** All names of a target. */
export function namesOf({ name, alsoNamed = [] }: Pick<FindReport, 'name' | 'alsoNamed'>): string {
  const more = alsoNamed.length > MOST_NAMES ? ` and ${alsoNamed.length - MOST_NAMES} more` : '';
  return `${[name, ...alsoNamed.slice(0, MOST_NAMES)].join(', ')}${more}`;
}

export function answerOf({ askedBy, results }: FindReport, artifacts: ArtifactList): Answer {
  const status = RANK.find((each) => results.some((result) => result.status === each)) ?? 'absent';
  const holding = results.filter((result) => result.status !== 'absent');
  const note = status === 'present' ? undefined : PUBLIC_ONLY_NOTES[askedBy];
  return definedFields({ status, holding, absent: absentFiles(results, artifacts), note });
}

function absentFiles(results: readonly FindResult[], artifacts: ArtifactList): AbsentFile[] {
  const files = new Map<number, AbsentFile>();
  const held = new Set<number>();
  for (const { artifact, status, complete } of results) {
    const known = artifacts.at(artifact);
    // An answer about an artifact without an event, in a report that was cut.
    const { file, read, size, gaps, running } = known ?? {
      file: -1 - artifact,
      read: 0,
      size: 0,
      gaps: '',
      running: undefined,
    };
    if (status !== 'absent') held.add(file);
    const before = files.get(file);
    files.set(file, {
      path: file < 0 ? artifacts.pathOf(artifact) : artifacts.pathOfFile(file),
      read: read + (before?.read ?? 0),
      size: size + (before?.size ?? 0),
      complete: complete && (before?.complete ?? true),
      gaps: [...new Set([before?.gaps, gaps])].filter(Boolean).join(', '),
      isProcess: running !== undefined,
    });
  }
  return [...files].filter(([file]) => !held.has(file)).map(([, facts]) => facts);
}

const DOUBT = ', but not everything was searched';

function holdingSentence(result: FindResult, artifacts: ArtifactList): string {
  const { artifact, status, forms, complete } = result;
  const what = status === 'present' ? 'PRESENT' : 'public half only';
  const path = artifacts.pathOf(artifact);
  const places = `${placesText(result)}; as ${list(forms)}`;
  return `${what} in ${path} (${places})${complete ? '' : DOUBT}`;
}

function absentSentence(files: readonly AbsentFile[]): string {
  const where = files.length === 1 ? files[0]!.path : plural(files.length, 'file');
  const sum = (of: (file: AbsentFile) => number) => files.reduce((total, each) => total + of(each), 0);
  const bytes = `${grouped(sum((file) => file.read))} of ${plural(
    sum((file) => file.size),
    'byte',
  )}`;
  const doubtful = files.filter(({ complete }) => !complete);
  const empty = doubtful.filter(({ size }) => size === 0).length;
  const noByte = empty === 0 ? '' : `, but ${plural(empty, 'file')} had no byte to search`;
  const doubt = doubtful.length > empty ? DOUBT : noByte;
  const what = files.length === 1 && files[0]!.isProcess ? `the memory of ${where}` : where;
  return `not found in ${what}: ${bytes} were read${doubt}`;
}

/** A sentence for each of the first `most` artifacts that hold it, one for all files that do not. */
export function sentences({ holding, absent }: Answer, artifacts: ArtifactList, most: number): string[] {
  const all = holding.slice(0, most).map((result) => holdingSentence(result, artifacts));
  if (holding.length > most) all.push(`and in ${plural(holding.length - most, 'further file')}`);
  if (absent.length > 0) all.push(absentSentence(absent));
  return all.length > 0 ? all : ['no answer: nothing was searched'];
}
