import { blocksOf } from './blocks.js';
import { certificatesView } from './certificates.js';
import { html } from './dom.js';
import { evidenceView } from './evidence.js';
import { FilesView } from './files.js';
import { FindingsView } from './findings.js';
import { MemoryMap } from './memory-map.js';
import { StatusLine } from './status-line.js';
import { Store } from './store.js';
import { verdictView } from './verdict.js';

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

main().catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : 'unknown error';
  const text = `The data of this report cannot be read (${reason}): the file may be cut.`;
  document.body.prepend(html('p', { class: 'trouble', role: 'alert' }, text));
});
