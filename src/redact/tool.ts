import { readFileSync } from 'node:fs';
import { asset } from '../base/runtime/assets.js';
import type { RunFacts } from '../model/report.js';
import { loadBundle } from '../rules/builtin.js';

/** The program and its built-in rules, as a report and a manifest name them. */
export function toolFacts(): RunFacts['tool'] {
  const { version } = JSON.parse(readFileSync(asset('package.json'), 'utf8')) as { version: string };
  const { rules, sha256 } = loadBundle();
  const count = rules.filter(({ optIn }) => !optIn).length;
  return { name: 'dumpsieve', version, rules: { count, sha256 } };
}
