import { readAsset } from '../core/base/runtime/assets.js';
import { displayName } from '../core/base/text/escape.js';
import type { RunFacts } from '../core/model/report.js';
import type { ScanOptions } from '../core/options/check-options.js';
import type { Opened } from './opened.js';

/** Body of the first event. */
export function runFacts(all: ScanOptions, { book }: Opened): RunFacts {
  const { signal: _signal, onProgress: _onProgress, onTimings: _onTimings, stdin: _stdin, ...options } = all;
  const paths = options.paths.map((path) => (typeof path === 'string' ? path : displayName(path)));
  return {
    schemaVersion: 1,
    tool: toolFacts(book),
    startedAt: new Date().toISOString(),
    options: { ...options, paths },
  };
}

/** The program and the rules in use. */
export const toolFacts = ({ rules }: Opened['book']): RunFacts['tool'] => ({
  name: 'dumpsieve',
  version: version(),
  rules: { count: rules.rules.length, sha256: rules.sha256 },
});

let known: string | undefined;

function version(): string {
  known ??= (JSON.parse(readAsset('package.json').toString()) as { version: string }).version;
  return known;
}
