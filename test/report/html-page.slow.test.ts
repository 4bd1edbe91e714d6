import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Chromium } from '../support/chromium.js';
import { describeWith } from '../support/describe.js';
import { expectSound, openReport, search } from './html-browser.js';

/** Milliseconds on an idle machine; others take longer, and the test prints what they took. */
const BOUNDS = { drawn: 3_000, filtered: 300 };
const LOAD = 3;

describeWith(['chromium'], '100,000 findings in a browser', () => {
  let browser: Chromium;
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-page-'));

  beforeAll(() => {
    browser = new Chromium();
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  test.each(['light', 'dark'] as const)('%s: small, drawn at once, and filtered at once', async (scheme) => {
    const { page, size } = await openReport(browser, folder, { count: 100_000, scheme });
    const filtered = [
      await search(page, 'p-256', '20,000 of 100,000 findings'),
      await search(page, 'no such word', '0 of 100,000 findings'),
      await search(page, '0x5555', '100,000 findings'),
    ];
    await page.press('ArrowDown', 'End');
    expect(await page.text('#status')).toMatch(/^100,000 of 100,000: /);
    await expectSound(page);
    process.stderr.write(`${size} bytes, drawn in ${page.drawn} ms, filtered in ${filtered.join(', ')} ms\n`);
    expect(size).toBeLessThan(5_000_000);
    expect(page.drawn).toBeLessThan(LOAD * BOUNDS.drawn);
    for (const each of filtered) expect(each).toBeLessThan(LOAD * BOUNDS.filtered);
  });
});
