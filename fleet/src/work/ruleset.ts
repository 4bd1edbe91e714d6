import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Notice, RunFacts, ScannerOptions, Target } from '../../../src/index.js';
import { theHost } from '../host.js';
import type { Ruleset } from '../model/ruleset.js';

/**
 * Options that do not change what is found in given bytes, or whose files are in the digest by their content:
 * rule files by the digest of the rules, targets and known secrets by their digests.
 */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'allow',
  'baseline',
  'deep',
  'effort',
  'find',
  'findPasswordFile',
  'follow',
  'hash',
  'jobs',
  'regions',
  'ruleFolders',
  'spoolDir',
] satisfies (keyof ScannerOptions)[]);

/** Values that are the same as none. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  entropyNet: true,
  failOn: 'high',
  ifNoFiles: 'warn',
  minConfidence: 'medium',
} satisfies ScannerOptions;

/** A rule set, and the targets of its --find files in the order of a report's answers. */
export interface UsedRules {
  ruleset: Ruleset;
  targets: readonly Target[];
}

/** Reads the files that the options name. `tool`: version and rules of the scanner that has these options. */
export async function readRuleset(
  tool: RunFacts['tool'],
  options: ScannerOptions,
  onNotice: (notice: Notice) => void = () => {},
): Promise<UsedRules> {
  const { find, allow, baseline } = options;
  const targets = await readTargets(find, options, onNotice);
  const allowed = await readTargets(allow, options, onNotice);
  const known = {
    ...(allowed.length === 0 ? {} : { allow: digestsOf(allowed).sort() }),
    ...(baseline === undefined ? {} : { baseline: await sha256OfFile(baseline) }),
  };
  return { ruleset: rulesetOf(tool, options, digestsOf(targets), known), targets };
}

const digestsOf = (targets: readonly Target[]): string[] => targets.map(({ digest }) => digest);

async function readTargets(
  files: readonly string[] | undefined,
  { findPasswordFile }: ScannerOptions,
  onNotice: (notice: Notice) => void,
): Promise<readonly Target[]> {
  if (files === undefined || files.length === 0) return [];
  return theHost().readTargets(files, {
    ...(findPasswordFile === undefined ? {} : { findPasswordFile }),
    onNotice,
  });
}

/** The same for the same rules in effect, however the options are written. */
export function rulesetOf(
  tool: RunFacts['tool'],
  options: ScannerOptions,
  targets: readonly string[] = [],
  known: Readonly<Record<string, unknown>> = {},
): Ruleset {
  const rules = {
    version: tool.version,
    rules: tool.rules.sha256,
    effort: options.deep ? 'deep' : (options.effort ?? 'normal'),
    options: { ...effective(options), ...known },
    targets,
  };
  return { digest: createHash('sha256').update(canonical(rules)).digest('hex'), ...rules };
}

function effective(options: ScannerOptions): Record<string, unknown> {
  const entries = Object.entries(options).flatMap(([name, value]): [string, unknown][] => {
    if (WITHOUT_EFFECT.has(name) || isDefault(name, value)) return [];
    // A digest of a password is of use to a guesser: that there is one must do.
    if (name === 'archivePasswordFile') return [[name, true]];
    return [[name, Array.isArray(value) ? [...new Set(value as string[])].sort() : value]];
  });
  return Object.fromEntries(entries);
}

const isDefault = (name: string, value: unknown): boolean =>
  value === undefined || value === (DEFAULTS[name] ?? false) || (Array.isArray(value) && value.length === 0);

/** JSON with the keys of all objects in order. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
  return hash.digest('hex');
}
