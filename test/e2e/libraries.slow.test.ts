import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { scan } from '../../src/api/scan.js';
import type { Finding } from '../../src/core/model/report.js';

/**
 * Libraries, programs and images that hold templates of keys, tables of curves and help texts. Those that are
 * not installed are left out.
 */

const inFolder = (folder: string, pattern: RegExp): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => pattern.test(name))
        .map((name) => join(folder, name))
    : [];

const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'Firefox ESR': inFolder('/usr/lib/firefox-esr', /\.(?:so|ja)$/),
  Chromium: inFolder('/usr/lib/chromium', /^chromium$|\.bin$/),
  NSS: inFolder('/usr/lib/x86_64-linux-gnu', /^lib(?:nss|freebl|softokn|ssl3)[^/]*\.so/),
  Node: [process.execPath],
  JDK: inFolder('/usr/lib/jvm', /^java-\d+-openjdk/).flatMap((home) =>
    ['lib/modules', 'lib/server/libjvm.so'].map((name) => join(home, name)).filter(existsSync),
  ),
  Go: inFolder('/usr/lib/go-1.24/bin', /./),
  CLISP: inFolder('/usr/lib', /^clisp-/)
    .map((home) => join(home, 'base/lispinit.mem'))
    .filter(existsSync),
};

const installed = Object.entries(PROGRAMS).filter(([, paths]) => paths.length > 0);

describe.each(installed)('%s', (_, paths) => {
  test('has no proven key but published ones, and nothing that counts', async () => {
    const findings: Finding[] = [];
    for await (const event of scan({ paths })) if (event.type === 'finding') findings.push(event);
    const described = ({ ruleId, title, reason, proof, location }: Finding) =>
      [ruleId, title, reason, proof.join(), location.path, location.offset].join(' ');
    expect(findings.filter(({ counts }) => counts).map(described)).toEqual([]);
    expect(findings.filter(({ severity }) => severity === 'critical').map(described)).toEqual([]);
    const proven = findings.filter(({ confidence }) => confidence === 'proven');
    expect(proven.filter(({ reason }) => reason !== 'published-test-key').map(described)).toEqual([]);
  });
});
