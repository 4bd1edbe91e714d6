import type { RE2JS } from 're2js';
import { lazy } from '../../core/base/runtime/lazy.js';
import type { Rule } from '../../rules/types.js';

const re2 = lazy((require) => require('re2js') as typeof import('re2js'));

/** Patterns of services' forms, compiled at their first use. */
export class FormPatterns {
  readonly #compiled = new Map<string, RE2JS>();

  /** True if `value` is of form `form` of the rule: its pattern matches the whole of it. */
  accept(rule: Rule, form: number, value: string): boolean {
    if (rule.value?.type !== 'service') return false;
    const pattern = rule.value.forms[form];
    if (pattern === undefined || !('pattern' in pattern)) return false;
    let compiled = this.#compiled.get(pattern.pattern);
    if (compiled === undefined) {
      compiled = re2().RE2JS.compile(pattern.pattern);
      this.#compiled.set(pattern.pattern, compiled);
    }
    return compiled.matches(value);
  }
}
