import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/core/base/runtime/assets.js';
import { Chromium } from '../support/chromium.js';

/**
 * `node dist/test/report/html-picture.js [light|dark] [FILE]` draws the README's picture of an HTML report,
 * from a scan of the fixtures, with Debian's Chromium. It is not compared in a test: another version of
 * Chromium, or other fonts, draw other pixels.
 */

const [, , scheme = 'light', file = fileURLToPath(asset('docs/report-html.png'))] = process.argv;

const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-picture-'));
const browser = new Chromium();
try {
  const report = join(folder, 'report.html');
  const args = ['bin/dumpsieve.js', 'scan', '-q', '--hash', '--output', `html=${report}`, 'fixtures/dumps'];
  spawnSync(process.execPath, args, { cwd: fileURLToPath(asset('.')), stdio: 'inherit' });
  const page = await browser.open(report, scheme === 'dark' ? 'dark' : 'light');
  await page.press('/', 'ArrowDown');
  writeFileSync(file, await page.picture(1200, 1490, 0.66));
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
