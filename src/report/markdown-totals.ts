import type { Finding } from '../core/model/report.js';
import { artifactsOf } from './holding-files.js';
import { grouped, plural, shorten } from './text.js';

/** Kinds of secrets in the table, titles of one sentence, and characters of a title: names can be long. */
const MOST = { kinds: 10, titles: 4, title: 120 } as const;
/** Cap on distinct kinds; findings of further ones are counted with the last. */
const KNOWN = 1_000;

interface KindTotal {
  severity: string;
  title: string;
  rotate: string;
  findings: number;
  artifacts: Set<number>;
}

/** Findings that fail the gate by what they are: a table of totals, and what to do first, once a kind. */
export class MarkdownTotals {
  readonly #kinds = new Map<string, KindTotal>();
  #last: KindTotal | undefined;
  readonly #cell: (text: string) => string;

  /** `cell`: escapes a text for a table. */
  constructor(cell: (text: string) => string) {
    this.#cell = cell;
  }

  add({ severity, title, rotate, occurrences }: Finding): void {
    const key = JSON.stringify([severity, title, rotate]);
    const known = this.#kinds.get(key) ?? (this.#kinds.size < KNOWN ? undefined : this.#last);
    const kind = known ?? { severity, title, rotate, findings: 0, artifacts: new Set() };
    kind.findings++;
    for (const artifact of artifactsOf(occurrences)) kind.artifacts.add(artifact);
    if (known !== undefined) return;
    this.#kinds.set(key, kind);
    this.#last = kind;
  }

  write(write: (text: string) => void): void {
    const all = [...this.#kinds.values()];
    if (all.length === 0) return;
    const rows = all.slice(0, MOST.kinds).map(({ severity, title, findings, artifacts }) => {
      const cells = [severity, shorten(title, MOST.title), grouped(findings), grouped(artifacts.size)].map(
        this.#cell,
      );
      return `| ${cells.join(' | ')} |\n`;
    });
    write(`| Severity | What | Number | Artifacts |\n|---|---|---|---|\n${rows.join('')}\n`);
    if (all.length > MOST.kinds) write(`and ${plural(all.length - MOST.kinds, 'further kind')}.\n\n`);
    write('### What to do first\n\n');
    const byRotate = new Map<string, string[]>();
    for (const { title, rotate } of all) byRotate.set(rotate, [...(byRotate.get(rotate) ?? []), title]);
    for (const [rotate, titles] of [...byRotate].slice(0, MOST.kinds)) {
      const distinct = [...new Set(titles)].map((title) => this.#cell(shorten(title, MOST.title)));
      const more = distinct.length > MOST.titles ? ` and ${distinct.length - MOST.titles} more` : '';
      const named = `${distinct.slice(0, MOST.titles).join(', ')}${more}`;
      write(`- **${named}**: ${this.#cell(rotate)}\n`);
    }
    write('- Keep the dumps where they are until that is done. ');
    write('Each finding explained: `dumpsieve report report.json ID`.\n\n');
  }
}
