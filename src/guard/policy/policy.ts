import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DumpsieveError, reasonOf } from '../../core/base/runtime/errors.js';
import { decodeText, escapeText } from '../../core/base/text/escape.js';
import { firstMistakes } from '../../core/base/text/mistakes.js';
import type { FactCheck } from './policy-conditions.js';

/** What a rule may ask of a dump. Undefined: not known; a condition on it does not hold. */
export interface DumpFacts {
  /** Hints: users choose program, owner and path. */
  program?: string;
  uid?: number;
  path?: string;
  truncated: boolean;
  /** Absent where the dump was not opened or its scan did not end. */
  scan?: ScanResult;
}

/** What the strict scan of a dump says. */
export interface ScanResult {
  /** Bytes of the opened dump. */
  size: number;
  format: string;
  exit: 0 | 1 | 2 | 3;
  findings: readonly { rule: string; kind: string; severity: string }[];
  /** Files of `find:` that have a target in the dump, as private key or value; as in {@link Policy.find}. */
  find: readonly string[];
}

export type Action = 'pass' | 'redact' | 'quarantine' | 'drop';

export interface Decision {
  action: Action;
  /** Number of the rule, from 1; 0 if none matched. */
  rule: number;
  keep?: 'all' | 'backtrace';
  acceptLimits?: readonly string[];
  notify: boolean;
  /** One line a rule, up to the one that decided. Quotes nothing of the dump and no hint. */
  why: string[];
}

export interface PolicyRule {
  action: Action;
  /** Set for redact alone. */
  keep?: 'all' | 'backtrace';
  acceptLimits?: readonly string[];
  notify: boolean;
  /** The condition `truncated`: it decides what else a rule may match. */
  truncated?: boolean;
  /** Line in the policy file. */
  line: number;
  /** All must hold. */
  checks: readonly FactCheck[];
}

/** A folder of others whose dumps are sealed. */
export interface WatchRow {
  path: string;
  /** Glob of names. */
  pattern: string;
  /** Milliseconds without a change before a file is taken. */
  quiet: number;
  original: 'remove' | 'keep';
  /** Line in the policy file. */
  line: number;
}

/** A policy as read: absolute paths, bytes, milliseconds. */
export interface Policy {
  /** SHA-256 of the file's bytes, in hex. */
  sha256: string;
  recipients: string;
  responder: string;
  /** Without it nothing is opened. */
  identity?: string;
  sign: string;
  state: string;
  /** Fraction of the file system of `state`. */
  disk: number;
  /** Undefined: 65534 if the guard is root, else its own. */
  user?: string | number;
  limits: { time: number; memory: number; attempts: number };
  loop: { keep: number; per: number };
  /** Undefined: forever. */
  retain: { out?: number; quarantine?: number };
  watch: readonly WatchRow[];
  rules: readonly PolicyRule[];
  /** Files and digests of all `find:`, each once, for the option `find` of scans. */
  find: readonly string[];
  notify?: readonly string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Longest policy file in bytes. */
const LONGEST = 1024 * 1024;
const OTHERS_WRITE = 0o002;

/** Reads a policy. Throws (exit 3) with a line for each mistake: where, what, and what to write. */
export async function loadPolicy(
  path: string | Uint8Array,
  environment: Environment = process.env,
): Promise<Policy> {
  const name = typeof path === 'string' ? path : decodeText(path);
  if (name === undefined)
    throw unreadable('the policy', 'its name is not UTF-8', 'give the policy another name');
  const content = contentOf(name);
  const { readPolicy } = await import('./policy-read.js');
  const read = readPolicy(escapeText(name), content.toString('utf8'), dirname(resolve(name)), environment);
  if ('mistakes' in read) throw badPolicy(read.mistakes);
  return { ...read.policy, sha256: createHash('sha256').update(content).digest('hex') };
}

/** Its bytes. A policy names a command that the guard runs: another user must not have written it. */
function contentOf(name: string): Buffer {
  const shown = escapeText(name);
  try {
    const stats = fs.statSync(name);
    // Reading a FIFO would block until a writer opens it.
    if (!stats.isFile()) throw unreadable(shown, 'not a regular file', 'check --policy');
    if (stats.size > LONGEST) throw unreadable(shown, 'larger than 1 MiB', 'check --policy');
    const own = process.getuid?.() ?? stats.uid;
    const inOpenFolder = (fs.statSync(dirname(resolve(name))).mode & OTHERS_WRITE) !== 0;
    const foreign = stats.uid !== own && stats.uid !== 0 && inOpenFolder;
    if (process.platform !== 'win32' && (foreign || (stats.mode & OTHERS_WRITE) !== 0))
      throw new DumpsieveError({
        code: 'policy-foreign',
        message: `every user may write to the policy ${shown}, or has written it`,
        hint: `chown it to the user of the guard, and: chmod go-w ${shown}`,
      });
    return fs.readFileSync(name);
  } catch (error) {
    if (error instanceof DumpsieveError) throw error;
    throw unreadable(shown, reasonOf(error), 'check --policy', error);
  }
}

function unreadable(shown: string, reason: string, hint: string, cause?: unknown): DumpsieveError {
  const message = `the policy ${shown} cannot be read (${reason})`;
  return new DumpsieveError({ code: 'policy-unreadable', message, hint }, 3, cause);
}

function badPolicy(mistakes: readonly string[]): DumpsieveError {
  const lines = firstMistakes(mistakes);
  return new DumpsieveError({
    code: 'bad-policy',
    message: lines.join('\n'),
    lines,
    hint:
      'text that begins with > * % or [ needs quotes: size: ">1G"; docs/guard-reference.md lists all ' +
      'fields, and dist/schema/guard.schema.json checks them in an editor',
  });
}

/**
 * What becomes of a dump: the first rule that may match and whose conditions hold decides; without one it is
 * quarantined. The bounds of {@link notFor} hold for every rule: no policy can let a dump pass that was not
 * scanned to its end, or that was cut.
 */
export function decide(policy: Pick<Policy, 'rules'>, facts: DumpFacts): Decision {
  const why: string[] = [];
  for (const [index, rule] of policy.rules.entries()) {
    const name = `rule ${index + 1} (line ${rule.line}), ${actionOf(rule)}`;
    const reason = notFor(rule, facts) ?? firstReason(rule, facts);
    why.push(`${name}: ${reason ?? 'matches'}`);
    if (reason !== undefined) continue;
    const { action, keep, acceptLimits, notify } = rule;
    return {
      action,
      rule: index + 1,
      ...(keep && { keep }),
      ...(acceptLimits && { acceptLimits }),
      notify,
      why,
    };
  }
  why.push('no rule matches: quarantine');
  return { action: 'quarantine', rule: 0, notify: false, why };
}

const actionOf = ({ action, keep }: PolicyRule): string => (keep ? `${action} (keep ${keep})` : action);

function firstReason({ checks }: PolicyRule, facts: DumpFacts): string | undefined {
  for (const check of checks) {
    const reason = check(facts);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Why the action of a rule is never for such a dump, whatever its conditions. */
function notFor({ action, keep, truncated }: PolicyRule, { scan, ...facts }: DumpFacts): string | undefined {
  if (action === 'quarantine') return undefined;
  if (facts.truncated && (action === 'pass' || (action === 'redact' && keep !== 'backtrace')))
    return 'the dump is truncated, and only redact with keep: backtrace makes a copy of such a dump';
  if (scan === undefined && (action !== 'drop' || truncated !== true))
    return 'the dump was not opened, or its scan did not end';
  if (action === 'pass' && scan?.exit !== 0) return `exit is ${scan?.exit}, and pass needs 0`;
  return undefined;
}
