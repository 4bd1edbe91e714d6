import { printMasked } from '../../src/cli/failure.js';
import { bytesText, createBar } from '../../src/cli/progress.js';
import { definedFields } from '../../src/core/base/runtime/defined.js';
import { DumpsieveError } from '../../src/core/base/runtime/errors.js';
import { escapeText } from '../../src/core/base/text/escape.js';
import { HUNT_OPTIONS } from '../../src/core/options/hunt-table.js';
import type { OptionsGiven } from '../../src/core/options/table.js';
import type { ScannerOptions } from '../../src/index.js';
import type { ScanningOptions, WorkCounts, WorkNotice } from '../src/index.js';
import { storeOf } from './store.js';

/** Options of what scans dumps into a store, by their names in the table. */
const SCANNER_OPTIONS = [
  'find',
  'findPasswordFile',
  'allow',
  'ruleFolders',
  'only',
  'with',
  'skip',
  'onlySigning',
  'failOn',
  'failOnKind',
  'minConfidence',
  'entropyNet',
  'effort',
  'deep',
  'acceptLimits',
  'archivePasswordFile',
] as const;

const WORK_OPTIONS = [
  'spoolMax',
  'spoolDir',
  'allowEgress',
  'metrics',
  'jobs',
  'heartbeat',
  'grace',
  'dumpTimeLimit',
  'memory',
  'progress',
  'noProgress',
  'quiet',
  'debug',
] as const;

/** Rows of the verbs that scan, by groups as the help lists them. */
export const SCANNING_ROWS = [...SCANNER_OPTIONS, ...WORK_OPTIONS].map((name) => HUNT_OPTIONS[name]);

export type ScanningValues = Pick<
  OptionsGiven,
  (typeof SCANNER_OPTIONS)[number] | 'jobs' | 'spoolDir' | 'progress' | 'quiet'
> & {
  store?: string;
  spoolMax?: number;
  allowEgress?: boolean;
  metrics?: string;
  heartbeat?: number;
  grace?: number;
  dumpTimeLimit?: number;
  memory?: number;
};

const GIB = 2 ** 30;
/** Seconds: workers say that they live at each third of it. */
const SHORTEST_HEARTBEAT = 10;

/** Options of the package, from those of a command line. Throws (exit 3) for a store with a password. */
export function scanningOptions(values: ScanningValues): ScanningOptions {
  const { store, jobs, spoolDir, spoolMax, allowEgress, metrics, heartbeat, grace } = values;
  if (heartbeat !== undefined && heartbeat < SHORTEST_HEARTBEAT)
    throw new DumpsieveError({ code: 'wrong-call', message: '--heartbeat is at least 10' });
  if (values.only?.length === 0)
    throw new DumpsieveError({ code: 'no-rules', message: '--only names no rule' });
  const { dumpTimeLimit: seconds, memory } = values;
  const limits = definedFields({ seconds, memory: memory === undefined ? undefined : memory * GIB });
  const given = SCANNER_OPTIONS.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]]));
  return definedFields({
    ...{ store: storeOf(store), scanner: Object.fromEntries(given) as ScannerOptions, limits },
    ...{ jobs, spoolDir, allowEgress, metrics, heartbeat, grace },
    spoolMax: spoolMax === undefined ? undefined : spoolMax * GIB,
  });
}

/** Prints progress and notices of the work. */
export function watchWork(
  progress: boolean | undefined,
): Required<Pick<ScanningOptions, 'onProgress' | 'onNotice'>> & { stop(): void } {
  const bar = createBar(progress, '{dumps} of {allDumps} dumps | {done} of {all} | {rate}{left}{failed}');
  return {
    onProgress: ({ dumps, bytes, rate, secondsLeft, failed }) =>
      bar.update(bytes.done, bytes.total, {
        ...{ dumps: `${dumps.done}`, allDumps: `${dumps.total}` },
        ...{ done: bytesText(bytes.done), all: bytesText(bytes.total) },
        rate: `${bytesText(rate)}/s`,
        left: secondsLeft === undefined ? '' : ` | ${durationText(secondsLeft)} left`,
        failed: failed === 0 ? '' : ` | ${failed} failed`,
      }),
    onNotice: (notice) => void printMasked(noticeText(notice), []),
    stop: bar.stop,
  };
}

function noticeText({ code, message, hint, dump }: WorkNotice): string {
  const where = dump === undefined ? '' : `${escapeText(dump)}: `;
  return `dumpsieve: ${code}: ${where}${escapeText(message)}\n${hint === undefined ? '' : `  hint: ${hint}\n`}`;
}

const UNITS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;

/** `2 h`, `40 s`: of the largest unit that is at least two. */
export function durationText(seconds: number): string {
  const [length, name] = UNITS.find(([length]) => seconds >= 2 * length) ?? [1, 's'];
  return `${Math.round(seconds / length)} ${name}`;
}

/** `12 kB`, `3.40 GB`. */
export const sizeText = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : bytesText(bytes);

export const countText = (count: number): string => count.toLocaleString('en-US');

/** `1 dump`, `2,000 dumps`. */
export const dumpsText = (count: number): string => `${countText(count)} dump${count === 1 ? '' : 's'}`;

/** Lines of what became of dumps. */
export function countLines(counts: WorkCounts, pending: number): string[] {
  const { scanned, known, withFindings, incomplete, bytes, crashed, dead, unreadable, replaced } = counts;
  const parts = [
    `scanned: ${dumpsText(scanned)}, ${sizeText(bytes)}`,
    ...(known > 0 ? [`${countText(known)} more with content that had a scan`] : []),
    ...(withFindings > 0 ? [`${countText(withFindings)} with a secret that fails the gate`] : []),
    ...(incomplete > 0 ? [`${countText(incomplete)} not read or searched completely`] : []),
  ];
  const failures = Object.entries({ crashed, dead, unreadable, replaced }).filter(([, count]) => count > 0);
  return [
    parts.join('; '),
    ...(failures.length === 0
      ? []
      : [`failed: ${failures.map(([name, count]) => `${countText(count)} ${name}`).join(', ')}`]),
    ...(pending === 0 ? [] : [`pending: ${dumpsText(pending)} without a scan`]),
  ];
}
