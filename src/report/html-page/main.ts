import type { ArtifactReport, FindReport } from '../../core/model/report.js';
import type { Detail, PageData } from '../html/data.js';
import { factList } from './detail.js';
import { type Child, html, section } from './dom.js';
import { FilesView } from './files.js';
import { FindingsView } from './findings.js';
import { MemoryMap } from './memory-map.js';
import { StatusLine } from './status-line.js';
import { Store } from './store.js';
import { Table } from './table.js';
import { grouped, plural } from './words.js';

/** Reads the blocks of data and draws the page. */
async function main(): Promise<void> {
  const store = new Store();
  for await (const block of blocksOf(document.querySelectorAll('script.data'))) store.add(block);
  const status = new StatusLine();
  const files = new FilesView(store, status);
  const findings = new FindingsView(store, status);
  const map = new MemoryMap(store, status);
  const certificates = certificatesView(store, status, (row) => findings.reveal(row));
  findings.onSelect = (row) => {
    const place = store.firstPlace[row]!;
    map.reveal(store.places.artifact[place]!, store.places.offset[place]!);
  };
  files.onSelect = (artifact) => map.show(artifact);
  files.onOpen = (artifact) => {
    findings.onlyIn(artifact);
    findings.focusSearch();
  };
  map.onOpen = (row) => findings.reveal(row);
  const sections = [files.element, findings.element, map.element, certificates, evidenceView(store)];
  document.body.append(
    verdictView(store),
    html('main', {}, ...sections),
    html('footer', {}, status.element, html('p', { class: 'keys' }, KEYS)),
  );
  map.show(files.first ?? 0);
  listenForSearch(findings);
  performance.mark('drawn');
}

const KEYS = '/ searches, Tab goes on, arrow keys select';

function listenForSearch(findings: FindingsView): void {
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key !== '/' || isTyping || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    findings.focusSearch();
  });
}

/** The blocks of data in a document, in their order; each element is removed once it is read. */
async function* blocksOf(elements: Iterable<Element>): AsyncGenerator<PageData> {
  for (const element of elements) {
    const base64 = element.textContent;
    element.remove();
    yield JSON.parse(await inflated(bytesOf(base64))) as PageData;
  }
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

const inflated = (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'))).text();

/** Severities in the order in which they are counted. */
const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;

/** The head of the page: what was found, and whether all was searched. */
function verdictView({ outcome, answers, artifacts }: Store): HTMLElement {
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

/** Artifacts whose evidence is written out. */
const MOST_ARTIFACTS = 1_000;
const MOST_LINES = 100;

/** What the report rests on: the run, and for each artifact its digest, times and gaps. */
function evidenceView(store: Store): HTMLElement {
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

type Certificate = NonNullable<Detail['certificates']>[number];

/** Milliseconds before its end at which a certificate is marked. */
const SOON = 30 * 24 * 3600 * 1000;

const FORMS: Readonly<Record<string, string>> = {
  certificate: 'certificate',
  'tbs-certificate': 'signed part, without signature',
  'certificate-request': 'certificate request',
};

/** Certificates of the keys that were found, those that end last first. `onOpen`: the row of the key. */
function certificatesView(store: Store, status: StatusLine, onOpen: (row: number) => void): HTMLElement {
  const all = store.details.flatMap(({ certificates = [] }, row) =>
    certificates.map((certificate) => ({ certificate, row })),
  );
  all.sort((a, b) => (a.certificate.notAfter < b.certificate.notAfter ? 1 : -1));
  const scanned = Date.parse(store.run?.startedAt ?? '');
  const cells = (index: number) => {
    const { certificate, row } = all[index]!;
    const { subject, san, issuer, notAfter, serial } = certificate;
    const state = stateOf(certificate, scanned);
    const texts = [
      state,
      notAfter.slice(0, 10),
      subject,
      san.join(', '),
      issuer,
      formOf(certificate),
      serial,
    ];
    return { texts: [...texts, store.text('id', row)], mark: state.replaceAll(' ', '-') };
  };
  const table = new Table({
    id: 'certificates-table',
    label: 'Certificates: Enter shows the key',
    columns: [
      ['At the scan', '7.5rem'],
      ['Until', '7rem'],
      ['Subject', 'minmax(10rem, 3fr)'],
      ['Names', 'minmax(8rem, 2fr)'],
      ['Issuer', 'minmax(8rem, 2fr)'],
      ['Form', '8rem'],
      ['Serial', '8rem'],
      ['Id of key', '6rem'],
    ],
    empty: 'No certificate of a key that was found.',
    rows: 6,
    cells,
    onSelect: (index) => {
      const { certificate } = all[index]!;
      const state = stateOf(certificate, scanned);
      status.say(`${grouped(index + 1)} of ${grouped(all.length)}: ${certificate.subject}, ${state}`);
    },
    onOpen: (index) => onOpen(all[index]!.row),
  });
  table.setRows(all.length);
  return section('certificates', 'Certificates', table.element);
}

function stateOf({ notAfter, form }: Certificate, scanned: number): string {
  const end = Date.parse(notAfter);
  if (form === 'certificate-request' || Number.isNaN(end) || Number.isNaN(scanned)) return 'no date';
  if (end < scanned) return 'expired';
  return end < scanned + SOON ? 'ends soon' : 'valid';
}

const formOf = ({ form, signed }: Certificate): string =>
  FORMS[form ?? ''] ?? form ?? (signed === false ? 'not signed' : '');

// At the end: the constants above are set by now.
main().catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : 'unknown error';
  const text = `The data of this report cannot be read (${reason}): the file may be cut.`;
  document.body.prepend(html('p', { class: 'trouble', role: 'alert' }, text));
});
