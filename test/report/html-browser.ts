import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { Chromium, Page } from '../support/chromium.js';
import { htmlParts, manyFindings } from './html-findings.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Rules of axe-core that the page breaks, and where. */
async function violations(page: Page): Promise<unknown> {
  await page.run(`${AXE};undefined`);
  const found = 'violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))])';
  return page.run(`axe.run().then(({ violations }) => ${found})`);
}

/** The report of a number of findings in a browser. */
export async function openReport(
  browser: Chromium,
  folder: string,
  { count, scheme }: { count: number; scheme: 'light' | 'dark' },
): Promise<{ page: Page; size: number }> {
  const file = join(folder, `${count}.html`);
  const text = htmlParts(manyFindings(count)).join('');
  writeFileSync(file, text);
  return { page: await browser.open(file, scheme), size: text.length };
}

/** Expects no violation of axe-core, no error of the console and no request. */
export async function expectSound(page: Page): Promise<void> {
  expect(await violations(page)).toEqual([]);
  expect(page.errors).toEqual([]);
  expect(page.requests).toEqual([]);
}

/** Types a search. Milliseconds from the last key until the table shows its rows. */
export async function search(page: Page, text: string, status: string): Promise<number> {
  // While the field has the focus, `/` is a character like any other.
  await page.run('document.activeElement.blur()');
  await page.press('/', ...text);
  const since = 'performance.mark("typed").startTime';
  await page.run(since);
  await page.until(`document.querySelector('#status').textContent === ${JSON.stringify(status)}`);
  return (await page.run(
    "performance.now() - performance.getEntriesByName('typed').at(-1).startTime",
  )) as number;
}
