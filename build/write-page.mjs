import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

/** A source as a Content-Security-Policy names it. */
const sourceOf = (text) => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** What would end an inline script, or hide its end (HTML, 4.12.1.3). */
const ENDS = /<\/script|<!--|<script/i;

/** Without comments and the space around punctuation. */
const minified = (style) =>
  style
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};:,>]) ?/g, '$1')
    .trim();

/**
 * Writes the script and the style of the HTML report (src/report/html-page) with their digests. All is in one
 * file: a report never has a script beside the policy of another.
 */
export async function writePage(build, root, file) {
  const { output } = await build({
    cwd: root,
    input: 'src/report/html-page/main.ts',
    platform: 'browser',
    logLevel: 'silent',
    write: false,
    // Nothing of it matters to the output, and a checkout without it must build.
    tsconfig: false,
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    output: { format: 'iife', minify: true },
  });
  const script = `${output[0].code.trim().replace(/[^\0-\x7f]/g, escaped)}\n`;
  if (output.length !== 1 || ENDS.test(script))
    throw new Error('the script of the page is not one inline script');
  const style = minified(readFileSync(`${root}src/report/html-page/page.css`, 'utf8'));
  const parts = { script, style, scriptHash: sourceOf(script), styleHash: sourceOf(style) };
  writeFileSync(`${root}${file}`, JSON.stringify(parts));
}

const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
