import type { ArtifactReport } from '../../core/model/report.js';
import { factList } from './detail.js';
import { type Child, html, section } from './dom.js';
import type { Store } from './store.js';
import { grouped, plural } from './words.js';

/** Artifacts whose evidence is written out. */
const MOST_ARTIFACTS = 1_000;
const MOST_LINES = 100;

/** What the report rests on: the run, and for each artifact its digest, times and gaps. */
export function evidenceView(store: Store): HTMLElement {
  const { run, artifacts } = store;
  const { summary } = store.outcome;
  const facts = factList([
    ['command line', [run?.command ?? '']],
    ['program', run ? [`${run.tool.name} ${run.tool.version}`] : []],
    ['rules', run ? [`${plural(run.tool.rules.count, 'rule')}, SHA-256 ${run.tool.rules.sha256}`] : []],
    ['started', [run?.startedAt ?? '']],
    ['took', summary ? [`${summary.seconds.toFixed(1)} s for ${plural(summary.bytesScanned, 'byte')}`] : []],
    ['exit status', summary ? [String(summary.exit)] : ['none: the scan was aborted']],
    ['warnings', (summary?.warnings ?? []).map(noticeText)],
  ]);
  const shown = artifacts.slice(0, MOST_ARTIFACTS).map(artifactEvidence);
  const more = artifacts.length - shown.length;
  const rest = more > 0 ? [html('p', {}, `and ${plural(more, 'further file')}: see the JSON report`)] : [];
  return section('evidence', 'Evidence', facts, ...shown, ...rest);
}

const noticeText = ({ code, message, hint }: ArtifactReport['warnings'][number]): string =>
  `${message} [${code}]${hint === undefined ? '' : `: ${hint}`}`;

const capped = (lines: readonly string[]): string[] =>
  lines.length <= MOST_LINES
    ? [...lines]
    : [...lines.slice(0, MOST_LINES), `and ${grouped(lines.length - MOST_LINES)} more`];

/** Opens at a click or a key; its content is made then. */
function artifactEvidence(artifact: ArtifactReport): HTMLElement {
  const element = html('details', {}, html('summary', {}, artifact.path));
  element.addEventListener('toggle', () => {
    if (element.open && element.childElementCount === 1) element.append(...factsOf(artifact));
  });
  return element;
}

function factsOf(artifact: ArtifactReport): Node[] {
  const { format, size, mtime = '', sha256, process = {}, coverage, warnings, verdict } = artifact;
  const { modules = [], ...others } = process;
  const { file, memory, limits } = coverage;
  const unread = file.unread.map(({ offset, length, reason }) => {
    const range = length === null ? 'to an unknown end' : plural(length, 'byte');
    return `offset ${offset}, ${range}: ${reason}`;
  });
  const missing = (memory?.missing ?? []).map(
    ({ address, length, reason }) => `${address}, ${plural(length, 'byte')}: ${reason}`,
  );
  const list: Child = factList([
    ['verdict', [verdict]],
    ['format', [format]],
    ['size', [plural(size, 'byte')]],
    ['modified', [mtime]],
    ['SHA-256', [sha256 ?? 'not computed: --hash does it']],
    ['process', Object.entries(others).map(([name, value]) => `${name}: ${String(value)}`)],
    ['memory', memory ? [`${grouped(memory.present)} of ${plural(memory.described, 'byte')} described`] : []],
    ['missing', capped(missing)],
    ['not read', capped(unread)],
    ['limits', capped(limits.map(({ search, reason }) => `${search}: ${reason}`))],
    ['warnings', capped(warnings.map(noticeText))],
    [
      'modules',
      capped(modules.map(({ path, address, buildId = '' }) => `${address} ${path} ${buildId}`.trim())),
    ],
  ]);
  return [list];
}
