import { expect, test } from '@jest/globals';
import { type Action, type DumpFacts, decide } from '../../src/guard/policy/policy.js';
import fc, { cases } from '../support/property.js';
import { readLines } from './policy-file.js';

/** Decisions of random policies, against the rules of docs/guard-reference.md written down anew. */

interface Source {
  program?: string[];
  uid?: number[];
  format?: string[];
  exit?: number[];
  rule?: string[];
  kind?: string[];
  severity?: string;
  find?: string[];
  truncated?: boolean;
  action: Action;
  keep?: 'all' | 'backtrace';
}

const PROGRAMS = ['/bin/a', '/bin/b'];
const FORMATS = ['elf-core', 'hprof'];
const RULES = ['circleci-token', 'private-key-pem'];
const KINDS = ['token', 'private-key'];
const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'];
const FILES = ['/a.crt', '/b.crt'];

const some = <T>(values: T[]) => fc.subarray(values, { minLength: 1 });

const sources: fc.Arbitrary<Source> = fc.record(
  {
    program: some(PROGRAMS),
    uid: some([0, 1000]),
    format: some(FORMATS),
    exit: some([0, 1, 2, 3]),
    rule: some(RULES),
    kind: some(KINDS),
    severity: fc.constantFrom(...SEVERITIES),
    find: some(FILES),
    truncated: fc.boolean(),
    action: fc.constantFrom<Action[]>('pass', 'redact', 'quarantine', 'drop'),
    keep: fc.constantFrom('all' as const, 'backtrace' as const),
  },
  { requiredKeys: ['action'] },
);

const dumps: fc.Arbitrary<DumpFacts> = fc
  .record(
    {
      program: fc.constantFrom(...PROGRAMS),
      uid: fc.constantFrom(0, 1000),
      truncated: fc.boolean(),
      scan: fc.record({
        size: fc.constant(1),
        format: fc.constantFrom(...FORMATS),
        exit: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
        findings: fc.array(
          fc.record({
            rule: fc.constantFrom(...RULES),
            kind: fc.constantFrom(...KINDS),
            severity: fc.constantFrom(...SEVERITIES),
          }),
          { maxLength: 3 },
        ),
        find: fc.subarray(FILES),
      }),
    },
    { requiredKeys: ['truncated'] },
  )
  .map((facts) => facts as DumpFacts);

const CONDITIONS = [
  'program',
  'uid',
  'format',
  'exit',
  'rule',
  'kind',
  'severity',
  'find',
  'truncated',
] as const;
const USERS: readonly string[] = ['program', 'uid'];

/** Whether a policy may have the rule at all. */
function allowed(source: Source): boolean {
  const { action, keep, truncated, exit } = source;
  if (keep !== undefined && action !== 'redact') return false;
  if (truncated === true && action === 'pass') return false;
  if (truncated === true && action === 'redact' && keep !== 'backtrace') return false;
  if (action === 'pass') return exit?.length === 1 && exit[0] === 0;
  if (action !== 'drop') return true;
  return CONDITIONS.some((name) =>
    name === 'truncated' ? truncated === true : source[name] !== undefined && !USERS.includes(name),
  );
}

function matches(source: Source, facts: DumpFacts): boolean {
  const { program, uid, format, exit, rule, kind, severity, find, truncated, action, keep } = source;
  const { scan } = facts;
  if (program && !(facts.program && program.includes(facts.program))) return false;
  if (uid && !(facts.uid !== undefined && uid.includes(facts.uid))) return false;
  if (truncated !== undefined && truncated !== facts.truncated) return false;
  const ofScan = format ?? exit ?? rule ?? kind ?? severity ?? find;
  if (!scan)
    return ofScan === undefined && (action === 'quarantine' || (action === 'drop' && truncated === true));
  if (format && !format.includes(scan.format)) return false;
  if (exit && !exit.includes(scan.exit)) return false;
  if (find && !find.some((file) => scan.find.includes(file))) return false;
  if (rule || kind || severity) {
    const one = scan.findings.find(
      (finding) =>
        (!rule || rule.includes(finding.rule)) &&
        (!kind || kind.includes(finding.kind)) &&
        (!severity || SEVERITIES.indexOf(finding.severity) >= SEVERITIES.indexOf(severity)),
    );
    if (one === undefined) return false;
  }
  if (facts.truncated && action === 'pass') return false;
  return !(facts.truncated && action === 'redact' && keep !== 'backtrace');
}

test('decisions are those of a naive reading', () => {
  const reached = new Set<Action>();
  fc.assert(
    fc.property(
      fc.array(sources.filter(allowed), { maxLength: 5 }),
      fc.array(dumps, { minLength: 1, maxLength: 20 }),
      (rules, all) => {
        const kept = rules.filter((rule) => rule.action !== 'quarantine' || Object.keys(rule).length > 1);
        const read = readLines(`rules: ${JSON.stringify(kept)}`);
        if ('mistakes' in read) throw new Error(read.mistakes.join('\n'));
        for (const facts of all) {
          const index = kept.findIndex((rule) => matches(rule, facts));
          const decision = decide(read.policy, facts);
          expect(decision).toMatchObject({
            rule: index + 1,
            action: kept[index]?.action ?? 'quarantine',
          });
          reached.add(decision.action);
        }
      },
    ),
    { numRuns: cases(3000) },
  );
  expect(reached.size).toBe(4);
});

test('a rule that must not be is a mistake', () => {
  fc.assert(
    fc.property(
      sources.filter((source) => !allowed(source)),
      (source) => {
        expect(readLines(`rules: ${JSON.stringify([source])}`)).toHaveProperty('mistakes');
      },
    ),
    { numRuns: cases(500) },
  );
});
