import { readFileSync } from 'node:fs';
import { asset } from '../core/base/runtime/assets.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import { lazy } from '../core/base/runtime/lazy.js';
import { type PackedLiteral, type RuleTexts, rulesOf, type SlimRule, unpackLiteral } from './bundle.js';
import type { Literal, Rule } from './types.js';

/** Paths of the built-in rules and of their texts, from the package's root; written by the build. */
export const BUNDLE = { rules: 'dist/rules.json', texts: 'dist/rule-texts.json' } as const;

/** All built-in rules, with literals and digest of those that are on by default. */
export interface Bundle<R, L> {
  rules: R[];
  literals: L[];
  sha256: string;
}

export const loadBuiltin = (): Rule[] => loadBundle().rules;

/** Read once: a program may scan many files, each by itself. */
const bundle = lazy((): Bundle<Rule, Literal> => {
  const { rules, literals, sha256 } = read<Bundle<SlimRule, PackedLiteral>>(BUNDLE.rules);
  const texts = lazy(() => read<RuleTexts[]>(BUNDLE.texts));
  return { rules: rulesOf(rules, texts), literals: literals.map(unpackLiteral), sha256 };
});

/** The built-in rules. The build has validated them, so neither yaml nor zod is loaded. */
export const loadBundle = (): Bundle<Rule, Literal> => ({ ...bundle(), rules: [...bundle().rules] });

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
