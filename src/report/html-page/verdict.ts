import type { ArtifactReport, FindReport } from '../../core/model/report.js';
import { html } from './dom.js';
import type { Store } from './store.js';
import { grouped, plural } from './words.js';

/** Severities in the order in which they are counted. */
const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;

/** The head of the page: what was found, and whether all was searched. */
export function verdictView({ outcome, answers, artifacts }: Store): HTMLElement {
  const { counting, sentence, trouble, summary } = outcome;
  const title =
    counting > 0
      ? `${plural(counting, 'secret')} ${counting === 1 ? 'fails' : 'fail'} the gate`
      : trouble === undefined
        ? 'No finding fails the gate'
        : 'Not everything was searched';
  const state = counting > 0 ? 'failed' : trouble === undefined ? 'passed' : 'incomplete';
  const counts = SEVERITIES.filter((severity) => summary?.bySeverity[severity]).map((severity) =>
    html('li', { class: `severity ${severity}` }, `${grouped(summary!.bySeverity[severity]!)} ${severity}`),
  );
  const reasons = Object.entries(summary?.notCounted ?? {}).map(
    ([reason, count]) => `${grouped(count)} ${reason}`,
  );
  const find = answers.map((answer) => html('li', {}, answerText(answer, artifacts)));
  return html(
    'header',
    { id: 'verdict', class: state },
    html('p', { class: 'tool' }, 'dumpsieve report'),
    html('h1', {}, title),
    ...(trouble === undefined ? [] : [html('p', { class: 'trouble' }, trouble)]),
    html('p', {}, sentence),
    ...(counts.length > 0
      ? [html('ul', { class: 'counts', 'aria-label': 'Findings by severity' }, ...counts)]
      : []),
    ...(reasons.length > 0 ? [html('p', {}, `Does not fail the gate: ${reasons.join(', ')}.`)] : []),
    ...(find.length > 0
      ? [html('ul', { class: 'answers', 'aria-label': 'Answers to --find' }, ...find)]
      : []),
  );
}

/** Files that an answer names. */
const NAMED = 5;

/** Where a target of --find is: its private part or value, else its public half, else nowhere. */
function answerText({ name, results }: FindReport, artifacts: readonly ArtifactReport[]): string {
  for (const [status, words] of STATUSES) {
    const there = results.filter((result) => result.status === status);
    if (there.length === 0) continue;
    const paths = there
      .slice(0, NAMED)
      .map(({ artifact }) => artifacts[artifact]?.path ?? `artifact ${artifact}`);
    const more = there.length > NAMED ? ', …' : '';
    return `${name}: ${words} in ${plural(there.length, 'file')}: ${paths.join(', ')}${more}`;
  }
  const isComplete = results.every(({ complete }) => complete);
  return `${name}: ${isComplete ? 'absent from all files' : 'not found, but not all was searched'}`;
}

const STATUSES = [
  ['present', 'present'],
  ['public-only', 'the public half alone'],
] as const;
