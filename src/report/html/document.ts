import { deflateSync } from 'node:zlib';
import { readAsset } from '../../core/base/runtime/assets.js';
import type { PageData } from './data.js';

/** What the build makes of src/report/html-page: one script, one style, and digests for its policy. */
export interface PageParts {
  script: string;
  style: string;
  scriptHash: string;
  styleHash: string;
}

/** Where the build writes it, from the package's root. */
const PAGE_PARTS = 'dist/html-page.json';

/** Nothing is loaded, and nothing runs but the script of the build. Blocks of data are no scripts. */
const policyOf = ({ scriptHash, styleHash }: PageParts): string =>
  `default-src 'none'; script-src '${scriptHash}'; style-src '${styleHash}'; ` +
  "base-uri 'none'; form-action 'none'";

const head = (parts: PageParts): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="dumpsieve">
<meta http-equiv="Content-Security-Policy" content="${policyOf(parts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>dumpsieve report</title>
<style>${parts.style}</style>
</head>
<body>
<noscript>This report is drawn by a script inside it, which loads nothing. Other formats need no script:
dumpsieve scan --format pretty, markdown or json.</noscript>
`;

/** Writes the document: its head, blocks of data as they come, and the script that draws them. */
export class HtmlDocument {
  readonly #write: (text: string) => void;
  readonly #parts: PageParts;

  constructor(write: (text: string) => void) {
    this.#write = write;
    this.#parts = JSON.parse(readAsset(PAGE_PARTS).toString()) as PageParts;
    write(head(this.#parts));
  }

  block(block: PageData): void {
    const data = deflateSync(JSON.stringify(block), { level: 9 }).toString('base64');
    this.#write(`<script type="text/plain" class="data">${data}</script>\n`);
  }

  end(): void {
    this.#write(`<script>${this.#parts.script}</script>\n</body>\n</html>\n`);
  }
}
