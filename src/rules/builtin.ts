import { readFileSync } from 'node:fs';
import { asset } from '../base/runtime/assets.js';
import { DumpsieveError } from '../base/runtime/errors.js';
import { lazy } from '../base/runtime/lazy.js';
import { type RuleTexts, rulesOf, type SlimRule } from './bundle.js';
import type { Rule } from './types.js';

/** Paths of the built-in rules and of their texts, from the package's root; written by the build. */
export const BUNDLE = { rules: 'dist/rules.json', texts: 'dist/rule-texts.json' } as const;

/** All built-in rules, and the digest of those that are on by default. */
export interface Bundle<R> {
  rules: R[];
  sha256: string;
}

export const loadBuiltin = (): Rule[] => loadBundle().rules;

/** The built-in rules. The build has validated them, so neither yaml nor zod is loaded. */
export function loadBundle(): Bundle<Rule> {
  const { rules, sha256 } = read<Bundle<SlimRule>>(BUNDLE.rules);
  return {
    rules: rulesOf(
      rules,
      lazy(() => read<RuleTexts[]>(BUNDLE.texts)),
    ),
    sha256,
  };
}

function read<T>(path: string): T {
  try {
    return JSON.parse(readFileSync(asset(path), 'utf8')) as T;
  } catch (error) {
    throw new DumpsieveError(
      {
        code: 'rules-missing',
        message: `the built-in rules (${path}) cannot be read`,
        hint: 'install the package again, or run `npm run build` in a checkout',
      },
      3,
      error,
    );
  }
}
