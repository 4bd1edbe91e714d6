import type { Decision, DumpFacts, Policy, PolicyRule } from './policy.js';

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
