import { readAsset } from '../base/runtime/assets.js';
import { displayName } from '../base/text/escape.js';
import type { RunFacts } from '../model/report.js';
import type { ScanOptions } from '../options/scan-options.js';
import type { Opened } from './opened.js';

/** Body of the first event. */
export function runFacts(all: ScanOptions, { book: { rules } }: Opened): RunFacts {
  const { signal: _signal, onProgress: _onProgress, onTimings: _onTimings, stdin: _stdin, ...options } = all;
  const paths = options.paths.map((path) => (typeof path === 'string' ? path : displayName(path)));
  return {
    schemaVersion: 1,
    tool: {
      name: 'dumpsieve',
      version: version(),
      rules: { count: rules.rules.length, sha256: rules.sha256 },
    },
    startedAt: new Date().toISOString(),
    options: { ...options, paths },
  };
}

let known: string | undefined;

function version(): string {
  known ??= (JSON.parse(readAsset('package.json').toString()) as { version: string }).version;
  return known;
}
