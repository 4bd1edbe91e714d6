import { SEVERITIES, type Severity, severityRank } from '../../core/model/report.js';
import { compileGlob } from '../../source/glob.js';
import { globText } from '../../source/selection.js';
import type { DumpFacts, ScanResult } from './policy.js';
import { type PolicyRuleSource, sizeTest } from './policy-schema.js';

/**
 * Why a condition does not hold for a dump, in a few words; undefined if it holds. Words quote the policy and
 * the vocabulary of reports, never a hint or a name in the dump.
 */
export type FactCheck = (facts: DumpFacts) => string | undefined;

type Values = { [K in keyof PolicyRuleSource]-?: Exclude<PolicyRuleSource[K], undefined> };
type One<T> = T extends readonly (infer E)[] ? E : T;

const listOf = <T>(value: T): One<T>[] => [value].flat() as One<T>[];
const either = (values: readonly unknown[]): string => values.join(' or ');

const NOT_SCANNED = 'the dump was not opened, or its scan did not end';

/** A condition on the scan. */
const scanned =
  (test: (scan: ScanResult) => string | undefined): FactCheck =>
  ({ scan }) =>
    scan === undefined ? NOT_SCANNED : test(scan);

const held = (holds: boolean, otherwise: string): string | undefined => (holds ? undefined : otherwise);

/** The ending of /proc/PID/exe after a package upgrade. */
const DELETED = / \(deleted\)$/;

function globCheck(name: 'program' | 'path', globs: Values['program']): FactCheck {
  const tests = listOf(globs).map(compileGlob);
  return ({ [name]: value }) => {
    if (value === undefined) return `${name} is not known`;
    const spellings = [value, value.replace(DELETED, '')].map(globText);
    const holds = spellings.some((text) => text !== undefined && tests.some((test) => test(text)));
    return held(holds, `${name} is another`);
  };
}

const isGroup = (id: string): boolean => id.endsWith('*');

/** Whether the id of a rule is that of a condition, or in its group (`service:*`). */
export const namesRule = (condition: string, id: string): boolean =>
  isGroup(condition) ? id.startsWith(condition.slice(0, -1)) : id === condition;

/** The conditions on one finding, together: the same finding must fulfil them all. */
function findingCheck({
  rule,
  kind,
  severity,
}: Pick<PolicyRuleSource, 'rule' | 'kind' | 'severity'>): FactCheck {
  const rules = rule === undefined ? undefined : listOf(rule);
  const kinds = kind === undefined ? undefined : listOf(kind);
  const words = [
    ...(rules ? [`rule ${either(rules)}`] : []),
    ...(kinds ? [`kind ${either(kinds)}`] : []),
    ...(severity ? [`severity ${severity}${severity === SEVERITIES.at(-1) ? '' : ' or above'}`] : []),
  ];
  return scanned(({ findings }) =>
    held(
      findings.some(
        (finding) =>
          (rules?.some((each) => namesRule(each, finding.rule)) ?? true) &&
          (kinds?.some((each) => each === finding.kind) ?? true) &&
          (severity === undefined || severityRank(finding.severity as Severity) >= severityRank(severity)),
      ),
      `no finding has ${words.join(', ')}`,
    ),
  );
}

type Alone = 'program' | 'path' | 'uid' | 'truncated' | 'format' | 'size' | 'exit' | 'find';

/** Conditions that are checked one by one, in the order in which `why` reports them. */
const CONDITIONS: { readonly [K in Alone]: (value: Values[K]) => FactCheck } = {
  program: (globs) => globCheck('program', globs),
  path: (globs) => globCheck('path', globs),
  uid: (uids) => {
    const wanted = listOf(uids);
    return ({ uid }) =>
      uid === undefined ? 'uid is not known' : held(wanted.includes(uid), `uid is not ${either(wanted)}`);
  },
  truncated:
    (wanted) =>
    ({ truncated }) =>
      held(truncated === wanted, truncated ? 'the dump is truncated' : 'the dump is not truncated'),
  format: (formats) => {
    const wanted: readonly string[] = listOf(formats);
    return scanned(({ format }) => held(wanted.includes(format), `format is not ${either(wanted)}`));
  },
  size: (comparisons) => {
    const test = sizeTest(comparisons);
    return scanned(({ size }) => held(test(size), `size is not ${comparisons}`));
  },
  exit: (statuses) => {
    const wanted: readonly number[] = listOf(statuses);
    return scanned(({ exit }) => held(wanted.includes(exit), `exit is ${exit}, not ${either(wanted)}`));
  },
  find: (files) => {
    const wanted = listOf(files);
    return scanned(({ find }) =>
      held(
        wanted.some((file) => find.includes(file)),
        'no private key or value of find is in it',
      ),
    );
  },
};

function checkOf<K extends Alone>(name: K, rule: PolicyRuleSource): FactCheck[] {
  const value = rule[name];
  return value === undefined ? [] : [CONDITIONS[name](value as Values[K])];
}

/** The checks of a rule, whose paths of `find` are absolute. Throws for a glob that cannot be read. */
export function checksOf(rule: PolicyRuleSource): FactCheck[] {
  const { rule: id, kind, severity } = rule;
  const ofFindings = id ?? kind ?? severity;
  return [
    ...(Object.keys(CONDITIONS) as Alone[]).flatMap((name) => checkOf(name, rule)),
    ...(ofFindings === undefined ? [] : [findingCheck(rule)]),
  ];
}

/** Conditions that users choose: where they are all, a rule must not let a dump go. */
const HINTS = ['program', 'path', 'uid'] as const;

const HARD = ['format', 'size', 'exit', 'find', 'rule', 'kind', 'severity'] as const;

/** Whether a rule has a condition that does not follow a user's choice alone. */
export const hasHardCondition = (rule: PolicyRuleSource): boolean =>
  rule.truncated === true || HARD.some((name) => rule[name] !== undefined);

/** Whether a rule holds for every dump, opened or not. */
export const isUnconditional = (rule: PolicyRuleSource): boolean =>
  rule.truncated === undefined && [...HINTS, ...HARD].every((name) => rule[name] === undefined);
