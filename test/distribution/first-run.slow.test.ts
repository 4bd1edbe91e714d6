import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import { runCli } from '../support/cli.js';
import { inCheckout, PACKAGE, scan } from './checkout.js';

/** The program in a fresh checkout builds itself: with a word, once, and never by half. */

const fingerprints = (report: string): string[] =>
  (JSON.parse(report) as { findings: { fingerprint: string }[] }).findings.map((each) => each.fingerprint);

test('a killed build is taken over, by one of those that wait, and finds what the whole program finds', () =>
  inCheckout(async (root) => {
    const killed = scan(root);
    await killed.said('program …');
    const [one, two] = [scan(root), scan(root)];
    await Promise.all([one.said('waiting for it'), two.said('waiting for it')]);
    process.kill(-killed.child.pid!, 'SIGKILL');
    expect(await killed.status).toBeNull();
    expect(existsSync(join(root, 'dist/bundle'))).toBe(false);
    expect([await one.status, await two.status]).toEqual([1, 1]);
    const built = [one, two].filter(({ stderr }) => stderr.includes('built in'));
    expect(built.map(({ stderr }) => stderr.replace(/[\d.]+ s\b/g, 'N s').split('\n'))).toEqual([
      [
        expect.stringMatching(/^dumpsieve: process \d+ is building the program: waiting for it$/),
        ...['dumpsieve: not built yet in this checkout. What a scan needs is built now, once, in about N s:'],
        '  program … N s',
        expect.stringMatching(/^ {2}rules … N s \(\d+ rules, \d+ literals\)$/),
        ...['  net of the rules … N s', '  sample dumps … N s', '  page of the HTML report … N s'],
        ...['dumpsieve: built in N s', ''],
      ],
    ]);
    expect(readdirSync(join(root, 'dist')).sort()).toEqual(
      [
        ...['.steps', 'build', 'bundle', 'html-page.json', 'rule-texts.json', 'rules.json', 'rules.net'],
        ...['schema', 'threads'],
      ].sort(),
    );
    for (const { name, bytes } of fixtureDumps())
      expect(readFileSync(join(root, 'fixtures/dumps', name)).equals(bytes)).toBe(true);
    const expected = await runCli(['scan', '--format', 'json', 'fixtures'], { cwd: PACKAGE });
    for (const { stdout } of [one, two]) expect(fingerprints(stdout)).toEqual(fingerprints(expected.stdout));
    expect(readFileSync(join(root, 'dist/rules.net')).equals(readFileSync(asset('dist/rules.net')))).toBe(
      true,
    );
    const again = scan(root);
    expect([await again.status, again.stderr]).toEqual([1, '']);
  }));
