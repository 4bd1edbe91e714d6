import { z } from 'zod';
import { KINDS, SEVERITIES } from '../../core/model/report.js';
import { KEEPS } from '../../core/options/redact-table.js';
import { FORMATS } from '../../formats/formats.js';
import { CONTAINER_NAMES } from '../../source/containers/containers.js';

/** Sizes, durations and shares as a policy has them. Readers take text that the pattern allows. */

const BYTES: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const SIZE_TEXT = '\\d{1,9}(?:\\.\\d{1,3})?[KMGT]?';

const SIZE = { pattern: new RegExp(`^${SIZE_TEXT}$`), write: 'bytes, with K, M, G or T behind: 1G' };

/** Bytes of a size; K is 1,024. */
export function bytesOf(size: string): number {
  const unit = /[KMGT]$/.exec(size)?.[0] ?? '';
  return Math.round(Number(size.slice(0, size.length - unit.length)) * BYTES[unit]!);
}

const MILLISECONDS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const DURATION = { pattern: /^\d{1,6}[smhd]$/, write: 'a number and s, m, h or d: 10s, 30m, 1h, 30d' };

export const millisecondsOf = (duration: string): number =>
  Number(duration.slice(0, -1)) * MILLISECONDS[duration.slice(-1)]!;

const SHARE = { pattern: /^(?:[1-9]|[1-8]\d|9[0-5])%$/, write: 'a share from 1% to 95%: 20%' };

/** A share as a fraction: 0.2 of `20%`. */
export const fractionOf = (share: string): number => Number(share.slice(0, -1)) / 100;

const COMPARISON = `(?:<=|>=|<|>) ?${SIZE_TEXT}`;

const SIZES = {
  pattern: new RegExp(`^${COMPARISON}(?: +${COMPARISON})?$`),
  write: 'one or two comparisons, in quotes: ">1G", "<=64M", ">1M <=64M"',
};

const COMPARED: Readonly<Record<string, (size: number, limit: number) => boolean>> = {
  '<': (size, limit) => size < limit,
  '<=': (size, limit) => size <= limit,
  '>': (size, limit) => size > limit,
  '>=': (size, limit) => size >= limit,
};

/** Whether a size fulfils all comparisons of a text. */
export function sizeTest(text: string): (size: number) => boolean {
  const tests = [...text.matchAll(/([<>]=?) ?([\d.]+[KMGT]?)/g)].map(([, operator, limit]) => {
    const bytes = bytesOf(limit!);
    return (size: number) => COMPARED[operator!]!(size, bytes);
  });
  return (size) => tests.every((test) => test(size));
}

/** The shape of a policy file. Loads zod: imported when a policy is read, and at build time. */

/** Names of formats in reports: of dumps, and of containers that are no dump. */
const FORMAT_NAMES = [
  ...new Set([...FORMATS, ...CONTAINER_NAMES.map((name) => ({ name }))].map((f) => f.name)),
];

const FORMAT = 'must be the name of a format, as `dumpsieve inspect` prints it: elf-core, hprof …';

const LONGEST = 4096;
const text = (what: string) =>
  z.string(`must be ${what}`).min(1, `must be ${what}`).max(LONGEST, 'is longer than 4,096 characters');
const matching = ({ pattern, write }: { pattern: RegExp; write: string }) =>
  z.string(`must be ${write}`).regex(pattern, `must be ${write}`);
const oneOf = <const T extends string>(names: readonly T[], message = `must be one of ${names.join(', ')}`) =>
  z.enum(names as [T, ...T[]], message);
const oneOrMore = <T extends z.ZodType>(shape: T) => z.union([shape, z.array(shape).min(1, 'is empty')]);
const count = (most: number) => {
  const message = `must be a whole number from 1 to ${most}`;
  return z.int(message).min(1, message).max(most, message);
};
const FROM_HERE = `Relative to this file; \${NAME} is from the environment.`;
const path = text('the path of a file').describe(FROM_HERE);
const folder = text('the path of a folder').describe(FROM_HERE);
const globs = oneOrMore(text('a glob, such as /usr/bin/* or *.hprof'));
/** The greatest uid is no user's: it is the -1 of chown(2). */
const UIDS = 2 ** 32 - 2;
const UID = 'must be a number: `id -u NAME` prints it';
const uid = z.int(UID).min(0, UID).max(UIDS, UID);

/** Conditions of a rule. All that are given must hold. */
const conditions = {
  program: globs.describe('Program that crashed, as the kernel names it. A hint: users choose it.'),
  uid: oneOrMore(uid).describe('User whose process it was, or owner of the file in a watched folder.'),
  path: globs.describe('Path of a file in a watched folder. A hint: users choose it.'),
  format: oneOrMore(oneOf(FORMAT_NAMES, FORMAT)).describe('Format of the dump, as in reports.'),
  size: matching(SIZES).describe('Size of the opened dump in bytes.'),
  exit: oneOrMore(z.literal([0, 1, 2, 3], 'must be 0, 1, 2 or 3')).describe(
    'Exit status of the scan, which is strict.',
  ),
  rule: oneOrMore(text('the id of a rule, as in `dumpsieve rules list`')).describe('Rule of a finding.'),
  kind: oneOrMore(oneOf(KINDS)).describe('Kind of a finding.'),
  severity: oneOf(SEVERITIES).describe('Least severity of a finding.'),
  find: oneOrMore(path).describe('Certificates, keys or values, as --find takes them: one is in the dump.'),
  truncated: z.boolean('must be true or false').describe('The dump was cut.'),
};

const ACTIONS = ['pass', 'redact', 'quarantine', 'drop'] as const;

const optional = <T extends Record<string, z.ZodType>>(fields: T, message?: string) =>
  z.strictObject(fields, message).partial() as z.ZodObject<
    { [K in keyof T]: z.ZodOptional<T[K]> },
    z.core.$strict
  >;

const rule = z.strictObject(
  {
    ...optional(conditions).shape,
    action: oneOf(ACTIONS).describe('What becomes of the dump.'),
    keep: oneOf(KEEPS).optional().describe('What a redacted copy keeps; all unless given.'),
    'accept-limits': z
      .array(text('the name of a limit'), 'must be a list of names of limits: [rsa-exponents]')
      .optional()
      .describe('Limits of searches that do not prevent the redacted copy.'),
    notify: z.boolean('must be true or false').optional().describe('Run the command of notify.'),
  },
  'a rule is a map: { exit: 0, action: pass }',
);

const watched = z.strictObject(
  {
    path: folder,
    pattern: text('a glob of names, such as *.dmp').optional().describe('Names of dumps; all unless given.'),
    quiet: matching(DURATION).optional().describe('How long a file must be unchanged; 10s unless given.'),
    original: oneOf(['remove', 'keep']).describe('What becomes of the file when it is sealed.'),
  },
  'a watched folder is a map: { path: /srv/heapdumps, original: remove }',
);

const map = (example: string) => `must be a map: ${example}`;

export const policyShape = z.strictObject(
  {
    recipients: path.describe('age recipients to which dumps are sealed: the machine and the responder.'),
    responder: path.describe('age recipients of the responder: quarantine is sealed to them alone.'),
    identity: path.optional().describe('age identity of the machine; without it nothing is opened.'),
    sign: path.describe('Key that signs manifests and the head of the log, as for redact --sign.'),
    state: folder.describe('Folder of spool, copies, quarantine and log.'),
    disk: matching(SHARE).optional().describe('Share of its file system for all folders; 20% unless given.'),
    user: z
      .union([text('a name or a uid'), uid], 'must be a name or a uid')
      .optional()
      .describe('User under which dumps are scanned; 65534 unless given, if the guard is root.'),
    limits: optional(
      { time: matching(DURATION), memory: matching(SIZE), attempts: count(10) },
      map('{ time: 30m, memory: 1G, attempts: 2 }'),
    )
      .optional()
      .describe('Time and memory of one attempt to read a dump, and the number of attempts.'),
    loop: z
      .strictObject({ keep: count(1000), per: matching(DURATION) }, map('{ keep: 2, per: 1h }'))
      .optional()
      .describe('Dumps of one program and user that are scanned in a time.'),
    retain: optional(
      { out: matching(DURATION), quarantine: matching(DURATION) },
      map('{ out: 30d, quarantine: 90d }'),
    )
      .optional()
      .describe('How long files stay; forever unless given.'),
    watch: z.array(watched, 'must be a list of folders').optional().describe('Folders of others.'),
    rules: z
      .array(rule, 'must be a list of rules')
      .optional()
      .describe('The first that matches decides; what matches none is quarantined.'),
    notify: z
      .array(text('a program and its arguments'), 'must be a list: [/usr/local/bin/page, dumps]')
      .min(1, 'must be a list: [/usr/local/bin/page, dumps]')
      .optional()
      .describe('Command that gets the entry of the log on standard input.'),
  },
  'a policy is a map: one "name: value" a line',
);

export type PolicySource = z.output<typeof policyShape>;
export type PolicyRuleSource = z.output<typeof rule>;

/** Names of the fields of each map, by the path to it, for suggestions. */
export const FIELDS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(policyShape.shape),
  limits: ['time', 'memory', 'attempts'],
  loop: ['keep', 'per'],
  retain: ['out', 'quarantine'],
  watch: Object.keys(watched.shape),
  rules: Object.keys(rule.shape),
};

/** What to write for a field that is missing. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  recipients: 'recipients: /etc/dumpsieve/recipients',
  responder: 'responder: /etc/dumpsieve/responder',
  sign: `sign: \${CREDENTIALS_DIRECTORY}/sign.key`,
  state: 'state: /var/lib/dumpsieve',
  keep: 'loop: { keep: 2, per: 1h }',
  per: 'loop: { keep: 2, per: 1h }',
  path: '{ path: /srv/heapdumps, original: remove }',
  original: 'original: remove, or original: keep',
  action: 'action: pass, redact, quarantine or drop',
};

/** JSON Schema for editors. */
export function policySchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(policyShape, { target: 'draft-7' });
  return {
    $schema,
    title: 'guard.yaml',
    description: 'Policy of dumpsieve guard: where dumps are sealed, and what becomes of each.',
    ...schema,
  };
}
