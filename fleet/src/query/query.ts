import { failure, theHost } from '../host.js';
import type { Asked, FoundIn, QueryFilter, RepeatedSecret, TargetPresence } from '../model/answers.js';
import { openQuestions } from '../store/open-questions.js';
import type { Questions } from '../store/questions.js';
import { presenceOf } from './presence.js';

export interface QueryOptions extends QueryFilter {
  store: string;
  /** Files of keys and values that are asked for. */
  key?: readonly string[];
  /** File with the passwords of encrypted keys. */
  findPasswordFile?: string;
  /** Secrets in more than one dump. */
  repeated?: boolean;
  /** After each of these, its findings. */
  withPlaces?: boolean;
  signal?: AbortSignal;
  /** What of the files was not understood. */
  onNotice?: (notice: { code: string; message: string; hint?: string }) => void;
}

/** Answers as they come: of each target, each secret in more than one dump, or each finding; then `end`. */
export type QueryEvent =
  | ({ type: 'target' } & TargetPresence)
  | ({ type: 'repeated' } & RepeatedSecret)
  | ({ type: 'found' } & FoundIn)
  | QueryEnd;

export interface QueryEnd {
  type: 'end';
  /**
   * With `key`: 1 a target is present, 0 all are absent by complete searches, 2 neither. Without: 1 something
   * is repeated or fails the gate, 2 not every dump has a complete scan, else 0.
   */
  exit: 0 | 1 | 2;
  /** Of how many dumps the answers speak. */
  asked: Asked;
  /** The store, without a password. */
  store: string;
}

/** Asks a store. It is closed when the events end. Throws coded errors. */
export async function* query(options: QueryOptions): AsyncGenerator<QueryEvent> {
  requireOneQuestion(options);
  const questions = await openQuestions(options.store);
  try {
    yield* answersOf(questions, options);
  } finally {
    await questions.close();
  }
}

async function* answersOf(questions: Questions, options: QueryOptions): AsyncGenerator<QueryEvent> {
  const { key = [], repeated = false } = options;
  if (key.length > 0) yield* targetAnswers(questions, key, options);
  else if (repeated) yield* rows(questions, options, repeatedRows(questions, options));
  else yield* rows(questions, options, foundRows(questions, options));
}

/** A rule that did not find a secret says nothing of its presence. */
function requireOneQuestion({ key = [], repeated, rule }: QueryOptions): void {
  const wrong =
    key.length === 0
      ? undefined
      : repeated
        ? '--key and --repeated are two questions'
        : rule === undefined
          ? undefined
          : '--key and --rule do not go together: a key is searched for by all rules';
  if (wrong !== undefined) throw failure({ code: 'wrong-call', message: wrong, hint: 'ask one at a time' });
}

async function* targetAnswers(
  questions: Questions,
  files: readonly string[],
  { findPasswordFile, onNotice, signal, ...filter }: QueryOptions,
): AsyncGenerator<QueryEvent> {
  const targets = await theHost().readTargets(files, {
    ...(findPasswordFile === undefined ? {} : { findPasswordFile }),
    ...(onNotice === undefined ? {} : { onNotice }),
    ...(signal === undefined ? {} : { signal }),
  });
  const presences: TargetPresence[] = [];
  for (const target of targets) {
    signal?.throwIfAborted();
    const presence = await presenceOf(target, questions, filter);
    presences.push({ ...presence, found: [], answers: [] });
    yield { type: 'target', ...presence };
  }
  const isPresent = presences.some(({ presence }) => presence === 'present');
  const isAbsent = presences.length > 0 && presences.every(({ isProvenAbsent }) => isProvenAbsent);
  const asked = await questions.asked([], filter);
  yield { type: 'end', exit: isPresent ? 1 : isAbsent ? 0 : 2, asked, store: questions.place };
}

type Row = Exclude<QueryEvent, QueryEnd>;

async function* rows(
  questions: Questions,
  { signal, ...filter }: QueryOptions,
  all: AsyncIterable<{ row: Row; fails: boolean }>,
): AsyncGenerator<QueryEvent> {
  let fails = false;
  for await (const each of all) {
    signal?.throwIfAborted();
    fails ||= each.fails;
    yield each.row;
  }
  const asked = await questions.asked([], filter);
  const isWhole = asked.dumps > 0 && asked.notScanned === 0 && asked.incomplete === 0;
  yield { type: 'end', exit: fails ? 1 : isWhole ? 0 : 2, asked, store: questions.place };
}

async function* repeatedRows(questions: Questions, { withPlaces = false, ...filter }: QueryOptions) {
  for await (const each of questions.repeated(filter)) {
    yield { row: { type: 'repeated' as const, ...each }, fails: true };
    const { fingerprint } = each.secret;
    if (!withPlaces || fingerprint === null) continue;
    for await (const found of questions.findings({ fingerprints: [fingerprint] }, filter))
      yield { row: { type: 'found' as const, ...found }, fails: true };
  }
}

async function* foundRows(questions: Questions, filter: QueryFilter) {
  for await (const row of questions.findings(undefined, filter))
    yield { row: { type: 'found' as const, ...row }, fails: row.finding.counts };
}
