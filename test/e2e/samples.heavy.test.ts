import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Finding } from '../../src/core/model/report.js';
import { describeWithSamples } from '../support/samples.js';
import { scan } from '../support/scan.js';

/**
 * Real dumps of unrelated programs, in every format. They contain no secret, so every finding is a false
 * alarm.
 */

const QUIET = ['info', 'low'];

/** A finding as shown to a person, without any part of the secret. */
const named = ({ ruleId, severity, confidence, location: { offset } }: Finding): string =>
  `${ruleId}, ${severity}, ${confidence}, at ${offset}`;

describeWithSamples('samples of real dumps', (folder) => {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath !== folder)
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();

  test('exist for each kind', () => {
    const kinds = new Set(files.map((file) => file.split(/[/\\]/)[0]));
    for (const kind of ['elf-core', 'minidump', 'microdump', 'hprof']) expect(kinds).toContain(kind);
  });

  async function expectQuiet(path: string): Promise<void> {
    const alarms: string[] = [];
    for await (const event of scan({ paths: [path], jobs: 1 }))
      if (event.type === 'finding' && !QUIET.includes(event.severity)) alarms.push(named(event));
    expect(alarms).toEqual([]);
  }

  test.each(files)('%s: nothing of severity medium and above, counted or not', async (file) => {
    await expectQuiet(join(folder, file));
  });

  test.each(['electron-mac.dmp', 'electron-windows.dmp'])(
    "%s: Electron's own key is published",
    async (name) => {
      const findings: Finding[] = [];
      for await (const event of scan({ paths: [join(folder, 'minidump', name)], jobs: 1 }))
        if (event.type === 'finding' && event.ruleId === 'google-api-key') findings.push(event);
      expect(findings).toMatchObject([{ severity: 'info', counts: false, reason: 'published-test-key' }]);
      expect(findings[0]?.notes.join()).toContain('google_api_key.h');
    },
  );
});
