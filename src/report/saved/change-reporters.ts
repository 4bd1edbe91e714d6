import type { Finding, Format, Summary } from '../../core/model/report.js';
import { bodyOf } from '../layout.js';
import { shortId } from '../short-id.js';
import { plural, unbroken, wrap } from '../text.js';
import type { Reporter, ReporterFactory } from '../types.js';
import {
  CHANGES,
  type ChangedFinding,
  type ChangeEvent,
  type ChangeKind,
  type FindingChange,
} from './changes.js';

/** Takes the events of a comparison. */
type ChangeReporter = Reporter & { event(event: ChangeEvent): void };
type Factory = (...given: Parameters<ReporterFactory>) => ChangeReporter;

/** Headings of the report for people. */
const HEADINGS: Readonly<Record<ChangeKind, string>> = {
  new: 'New',
  failing: 'Fails the gate now, and was there before',
  moved: 'Moved: the same secret in other files or other memory',
  gone: 'Gone: not found any more',
};

/** Findings of one kind that are written out for people. */
const LISTED = 200;
/** Files of one finding. */
const FILES = 5;

const none = (): Record<ChangeKind, number> => ({ new: 0, failing: 0, moved: 0, gone: 0 });

/** What changed, for people: a list for each kind of change, and the verdict last. */
const pretty: Factory = (write, { width }) => {
  const counts = none();
  let last: ChangeKind | undefined;
  let summary: Summary | undefined;
  return {
    event(event) {
      if (event.type === 'summary') summary = event;
      if (event.type !== 'finding') return;
      const { change, ...finding } = event as ChangedFinding;
      if (++counts[change.kind] > LISTED) return;
      if (last !== change.kind) write(`${last === undefined ? '' : '\n'}${HEADINGS[change.kind]}\n`);
      last = change.kind;
      for (const line of changeLines(finding, change, width)) write(`${line}\n`);
    },
    end() {
      const left = CHANGES.filter((kind) => counts[kind] > LISTED);
      for (const kind of left)
        write(`  ${plural(counts[kind] - LISTED, 'further finding')} ${kind}: --format json\n`);
      if (last !== undefined) write('\n');
      const parts = CHANGES.map((kind) => `${counts[kind]} ${kind === 'failing' ? 'failing now' : kind}`);
      write(`${parts.join(', ')}${verdict(summary, counts)}\n`);
    },
  };
};

function verdict(summary: Summary | undefined, { gone }: Record<ChangeKind, number>): string {
  if (summary === undefined) return '; the later scan did not end: what it did not see is not known';
  const doubt = gone > 0 ? ', so that what is gone may still be there' : '';
  const incomplete = summary.complete ? '' : `; not everything was read and searched${doubt}`;
  const fails = summary.exit === 1 ? 'something new fails the gate' : 'nothing new fails the gate';
  return `: ${fails} (exit ${summary.exit})${incomplete}`;
}

function changeLines(
  finding: Omit<Finding, 'change'>,
  { was, is }: FindingChange,
  width = Number.POSITIVE_INFINITY,
): string[] {
  const { severity, title, confidence, fingerprint, counts, reason } = finding;
  const id = fingerprint === null ? '--------' : shortId(fingerprint);
  const gate = counts ? '' : ` (does not fail the gate: ${reason ?? 'no reason given'})`;
  const where = (label: string, places: readonly string[]): string[] => {
    if (places.length === 0) return [];
    const more = places.length > FILES ? ` and ${places.length - FILES} more` : '';
    const text = `${places.slice(0, FILES).map(unbroken).join(', ')}${more}`;
    return wrap(text, width - 16).map((line, i) => `${(i === 0 ? label : '').padStart(14)}  ${line}`);
  };
  return [
    ...wrap(`${id}  ${severity.toUpperCase()}  ${title}, ${confidence}${gate}`, width - 2).map(
      (line) => `  ${line}`,
    ),
    ...where('was in', was),
    ...where(was.length > 0 ? 'is in' : 'in', is),
  ];
}

/** One document: facts of the later run, a list for each kind of change, and the totals. */
const json: Factory = (write) => {
  const counts = none();
  let open = 0;
  let summary: Summary | undefined;
  const begin = (kind: ChangeKind) => write(`,\n  ${JSON.stringify(kind)}: [`);
  const enter = (kind: ChangeKind) => {
    for (; CHANGES[open] !== kind; open++) {
      write(counts[CHANGES[open]!] === 0 ? ']' : '\n  ]');
      begin(CHANGES[open + 1]!);
    }
  };
  return {
    event(event) {
      if (event.type === 'run') {
        const { schemaVersion, tool, startedAt } = event;
        const facts = Object.entries({ schemaVersion, tool, startedAt });
        const members = facts.map(([name, value]) => `\n  ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
        write(`{${members.join(',')}`);
        begin('new');
      } else if (event.type === 'summary') summary = event;
      else if (event.type === 'finding') {
        const { change, ...finding } = event as ChangedFinding;
        const { kind, was, is } = change;
        enter(kind);
        write(
          `${counts[kind]++ === 0 ? '' : ','}\n    ${JSON.stringify({ was, is, finding: bodyOf(finding) })}`,
        );
      }
    },
    end() {
      enter('gone');
      // Without a summary the later scan was stopped: it has no exit status.
      const { complete = false, exit } = summary ?? {};
      const totals = JSON.stringify({ ...counts, complete, exit });
      write(`${counts.gone === 0 ? '' : '\n  '}],\n  "summary": ${totals}\n}\n`);
    },
  };
};

/**
 * Reporters of a comparison. Other formats have no word for what was there before: they would call a dump
 * clean whose secrets are merely not new.
 */
export const changeReporters: Readonly<Partial<Record<Format, ReporterFactory>>> = {
  pretty: pretty as ReporterFactory,
  json: json as ReporterFactory,
};
