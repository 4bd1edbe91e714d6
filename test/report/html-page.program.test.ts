import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { encodeProcess } from '../../fixtures/process.js';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { Chromium, type Page } from '../support/chromium.js';
import { runCli } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { expectSound, openReport } from './html-browser.js';

/** What the element that has the focus is. */
const focus = (page: Page) => page.run('document.activeElement.id || document.activeElement.tagName');
const status = (page: Page) => page.text('#status');

describeWith(['chromium'], 'an HTML report in a browser', () => {
  let browser: Chromium;
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-page-'));

  beforeAll(() => {
    browser = new Chromium();
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  const open = (count: number, scheme: 'light' | 'dark' = 'light') =>
    openReport(browser, folder, { count, scheme });

  test.each([
    [0, 'light'],
    [0, 'dark'],
    [1, 'light'],
    [1, 'dark'],
    [1_000, 'light'],
    [1_000, 'dark'],
  ] as const)('%d findings, %s: no error, no request, no violation', async (count, scheme) => {
    const { page } = await open(count, scheme);
    await expectSound(page);
    // Also of what only a choice shows.
    await page.press('/', 'ArrowDown', 'Enter');
    await page.run("document.querySelector('details').open = true");
    await expectSound(page);
    const background = await page.run('getComputedStyle(document.body).backgroundColor');
    expect(background).toBe(scheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(20, 23, 28)');
  });

  test('every list may be empty, whatever key is pressed', async () => {
    const { page } = await open(0);
    const keys = ['End', 'Home', 'ArrowDown', 'ArrowUp', 'PageDown', 'Enter', '+', '-', '0'];
    for (let stop = 0; stop < 12; stop++) await page.press('Tab', ...keys);
    const { page: filtered } = await open(1);
    await filtered.press('/', ...'github');
    await filtered.until("document.querySelector('#status').textContent === '0 of 1 finding'");
    await filtered.run("document.querySelector('#findings-table').focus()");
    await filtered.press('ArrowDown', ...keys, 'Tab', ...keys);
    for (const each of [page, filtered]) expect(each.errors).toEqual([]);
    expect(await filtered.text('#findings .empty')).toBe('No finding matches.');
  });

  test('all is done by keyboard', async () => {
    const { page } = await open(1_000);
    await page.press('/');
    expect(await focus(page)).toBe('search');
    await page.press(...'ec p-256', 'ArrowDown');
    expect(await focus(page)).toBe('findings-table');
    expect(await status(page)).toMatch(/^1 of 200: EC P-256 private key, heap, 0x5555\w+, offset 0x\w+, in /);
    await page.press('End');
    expect(await status(page)).toMatch(/^200 of 200: /);
    await page.press('PageUp', 'Home', 'ArrowDown');
    expect(await status(page)).toMatch(/^2 of 200: /);
    await page.press('Enter');
    expect(await focus(page)).toBe('detail');
    expect(await page.text('#detail')).toContain('n = p*q');
    await page.press('Tab');
    expect(await focus(page)).toBe('map');
    await page.press('Home');
    expect(await status(page)).toMatch(/^1 of \d+: module, \/usr\/lib\/lib0.so|^1 of \d+: heap/);
    await page.press('ArrowRight', 'End', 'ArrowUp');
    expect(await status(page)).toMatch(/heap, .* secret places/);
    const whole = await page.run("document.querySelectorAll('#map .piece').length");
    await page.press('+', '+', '+');
    expect(await status(page)).toBe('12.5 % of the map is in view');
    expect(await page.run("document.querySelectorAll('#map .piece').length")).toBeLessThan(whole as number);
    await page.press('-', '0');
    expect(await status(page)).toBe('100 % of the map is in view');
    await page.press('Enter');
    expect(await focus(page)).toBe('findings-table');
    expect(await status(page)).toMatch(/^\d+ of (200|1,000): /);
    // A finding that is not among those listed: the search is undone.
    await page.run("document.querySelector('#certificates-table').focus()");
    await page.press('ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter');
    expect(await status(page)).toMatch(/^\d+ of 1,000: /);
    expect(await focus(page)).toBe('findings-table');
    await page.run("document.querySelector('#files-table').focus()");
    await page.press('ArrowDown');
    expect(await status(page)).toBe('1 of 1: dumps/core.4242, secrets, 1,000 findings');
    await page.press('Enter');
    expect(await page.text('.chosen')).toContain('in dumps/core.4242');
    expect(page.errors).toEqual([]);
  });

  test('the map folds zeros and says what is missing', async () => {
    const { page } = await open(1);
    const legend = await page.text('.legend');
    expect(legend).toMatch(/zeros 5\d\d MiB/);
    expect(legend).toContain('missing 40.0 MiB');
    expect(await page.run("document.querySelectorAll('#map .zeros').length")).toBeGreaterThan(3);
    expect(await page.run("document.querySelectorAll('#map .missing').length")).toBe(1);
  });

  test('names from a dump do nothing, and are shown', async () => {
    const evil = '</script><script>window.pwned=1</script><img src=x onerror="window.pwned=2">';
    const names = ['\x1b[31mred', '\u202egnp.exe', '</style><style>*{display:none}', evil];
    const image = {
      ...{ pid: 7, name: evil, argv: ['prog', ...names], heap: [] },
      env: { [`A${evil}_TOKEN`]: githubToken(new SeededRandom('evil')), PATH: '/bin' },
      modules: names.map((name) => `/lib/${name}`),
    };
    const core = join(folder, `core${names[3]!.replaceAll('/', '')}`);
    writeFileSync(core, encodeProcess(image, new SeededRandom('names')));
    const { status: exit } = await runCli(['scan', '-q', '--output', 'html=evil.html', core], {
      cwd: folder,
    });
    expect(exit).toBe(1);
    const page = await browser.open(join(folder, 'evil.html'));
    await page.press('/', 'ArrowDown', 'Enter', 'Tab', 'End', 'ArrowLeft', 'ArrowLeft');
    await page.run("for (const each of document.querySelectorAll('details')) each.open = true");
    await page.until("[...document.querySelectorAll('details')].every((each) => each.children.length > 1)");
    const text = `${await page.text('header')}${await page.text('main')}`;
    for (const shown of ['<script>window.pwned=1', '\\x1b[31mred', '\\u{202e}gnp.exe', '</style><style>'])
      expect(text).toContain(shown);
    expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]/);
    expect(await page.run('window.pwned')).toBeUndefined();
    expect(await page.run("document.querySelectorAll('img, script:not(:last-of-type)').length")).toBe(0);
    await expectSound(page);
  });
});
