import { DumpsieveError } from '../../core/base/runtime/errors.js';
import { lazy } from '../../core/base/runtime/lazy.js';
import { closest } from '../../core/base/text/suggest.js';
import type { Path } from '../../core/base/text/yaml.js';
import { acceptedLimits } from '../../core/limits/limit-facts.js';
import { loadBuiltin } from '../../rules/builtin.js';
import { hasHardCondition, isUnconditional, namesRule } from './policy-conditions.js';
import type { PolicyMistake } from './policy-read.js';
import type { PolicyRuleSource, PolicySource } from './policy-schema.js';

/** What is wrong with rules whose fields are each right. */
export function ruleMistakes({ rules = [], notify }: PolicySource): PolicyMistake[] {
  const last = rules.findIndex((rule) => rule.action === 'quarantine' && isUnconditional(rule));
  return rules.flatMap((rule, i) => {
    const path: Path = ['rules', i];
    const found: PolicyMistake[] = CHECKS.flatMap(({ field, mistake }) => {
      const message = mistake(rule);
      return message === undefined ? [] : [{ path: [...path, field], message }];
    });
    if (rule.notify === true && notify === undefined)
      found.push({
        path: [...path, 'notify'],
        message: 'there is no command: write notify: [PROGRAM] at the top',
      });
    if (last >= 0 && i > last)
      found.push({
        path,
        message: `is never reached: rule ${last + 1} matches every dump; move it to the end`,
      });
    return found;
  });
}

/** Checks of a rule: the field to which a mistake belongs, and what is wrong and what to write. */
const CHECKS: readonly { field: string; mistake: (rule: PolicyRuleSource) => string | undefined }[] = [
  {
    field: 'action',
    mistake: ({ action, exit }) =>
      action === 'pass' && [exit].flat().join() !== '0'
        ? 'pass is only for dumps without a finding: write exit: 0 beside it'
        : undefined,
  },
  {
    field: 'action',
    mistake: (rule) =>
      rule.action === 'drop' && !hasHardCondition(rule)
        ? 'drop needs a condition besides program, path and uid, which users choose: ' +
          'write one on the scan (format, size, exit, kind …), or truncated: true'
        : undefined,
  },
  {
    field: 'keep',
    mistake: ({ action, keep }) =>
      keep !== undefined && action !== 'redact'
        ? 'is only for redact: write action: redact, or leave it out'
        : undefined,
  },
  {
    field: 'accept-limits',
    mistake: ({ action, keep, 'accept-limits': limits }) =>
      limits !== undefined && (action !== 'redact' || keep === 'backtrace')
        ? 'is only for redact with keep: all, whose copy needs complete searches: leave it out'
        : undefined,
  },
  { field: 'accept-limits', mistake: ({ 'accept-limits': limits }) => unknownLimit(limits) },
  {
    field: 'truncated',
    mistake: ({ action, keep, truncated }) =>
      truncated === true && (action === 'pass' || (action === 'redact' && keep !== 'backtrace'))
        ? 'a truncated dump may be quarantined, dropped, or redacted: write action: redact, keep: backtrace'
        : undefined,
  },
  { field: 'rule', mistake: ({ rule }) => unknownRule(rule === undefined ? [] : [rule].flat()) },
];

function unknownLimit(limits: readonly string[] | undefined): string | undefined {
  try {
    acceptedLimits(limits);
    return undefined;
  } catch (error) {
    if (error instanceof DumpsieveError) return `${error.message}: ${error.hint}`;
    throw error;
  }
}

/** Ids of the rules that the guard's scans use: all that are on by default. */
const usedRules = lazy(() =>
  loadBuiltin()
    .filter(({ optIn }) => !optIn)
    .map(({ id }) => id),
);

/** A misspelt id would never match, and the dump would go to the next rule. */
function unknownRule(conditions: readonly string[]): string | undefined {
  const unknown = conditions.find((condition) => !usedRules().some((id) => namesRule(condition, id)));
  if (unknown === undefined) return undefined;
  const guess = closest(unknown, usedRules());
  const hint = guess === undefined ? '`dumpsieve rules list` shows all' : `did you mean ${guess}?`;
  return `no rule that is on by default has this id: ${hint}`;
}
