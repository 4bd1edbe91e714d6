import type { Notice } from '../../core/base/runtime/errors.js';
import type { LogHead } from './head-files.js';

const KEEP = 'keep these files, and find out who changed them: only the guard writes to its log';
const entries = (count: number): string => (count === 1 ? '1 entry' : `${count} entries`);

/** What is wrong with a log. `n`: the number of a line, or of entries. */
const NOTICES = {
  'log-line-changed': (n: number) => [
    `line ${n} does not follow from line ${n - 1}: one of them was changed, added, removed or moved`,
    KEEP,
  ],
  'log-last-changed': (n: number) => [`line ${n} is not the one that was signed`, KEEP],
  'log-cut': (n: number) => [`the last ${entries(n)} of what was signed are missing`, KEEP],
  'log-older': (n: number) => [
    `the log is older than a head of --since: ${entries(n)} that it had are missing`,
    'keep these files: log and head were put back to an older state, or the head is from elsewhere',
  ],
  'log-rewritten': (n: number) => [`the first ${entries(n)} are not those of a head of --since`, KEEP],
  'log-other-origin': (n: number) => [
    `a head of --since (${entries(n)}) is of another log`,
    'name heads of this log alone: they begin with the same 32 digits',
  ],
  'log-head-missing': () => [
    'the log has no signed head beside it (log.head, log.head.minisig)',
    'take all three files from their source',
  ],
  'log-head-old': () => [
    'the head is older than its signature: the guard was killed while it replaced them',
    'start the guard once (guard watch --once), and verify again',
  ],
  'log-line-torn': (n: number) => [
    `line ${n} is not whole: the guard was killed while it wrote it, or something was cut off or added`,
    'start the guard once (guard watch --once): it cuts off that line, and verify again',
  ],
  'log-not-signed': (n: number) => [
    `the last ${entries(n)} are covered by no signature`,
    'start the guard once (guard watch --once): it signs entries that follow, and verify again',
  ],
} satisfies Record<string, (n: number) => [message: string, hint: string]>;

export function logNotice(code: keyof typeof NOTICES, n: number): Notice {
  const [message = '', hint = ''] = NOTICES[code](n);
  return { code, message, hint };
}

/** What a verified log proves, and what it does not. `newest`: of the heads that were kept elsewhere. */
export function proofOf(
  { count }: LogHead,
  newest: LogHead | undefined,
): { proven: string[]; notProven: string[] } {
  const since =
    newest === undefined
      ? 'that nothing was cut off: a log put back to an older signed head passes (compare with --since)'
      : `that nothing after entry ${newest.count} was cut off: that needs a later head from elsewhere`;
  return {
    proven: [
      `the ${entries(count)} up to the signed head were not changed, added, removed or moved since`,
      ...(newest === undefined
        ? []
        : [`the first ${entries(newest.count)} are those of a head that was kept elsewhere`]),
    ],
    notProven: [
      since,
      'that every crash has an entry, or that times are right (they come from the clock; the order does not)',
      newest === undefined
        ? 'anything against the holder of the key, who can sign another log'
        : `anything after entry ${newest.count} against the holder of the key, who can sign other entries`,
    ],
  };
}
