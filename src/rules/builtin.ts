import { readFileSync } from 'node:fs';
import { asset } from '../base/runtime/assets.js';
import { DumpsieveError } from '../base/runtime/errors.js';
import { type BundledRule, hydrate } from './hydrate.js';
import type { Rule } from './types.js';

/** Path of the rule bundle, from the package's root; written by the build. */
export const BUNDLE = 'dist/rules.json';

/** All built-in rules, and the digest of those that are on by default. */
export interface Bundle<R> {
  rules: R[];
  sha256: string;
}

export const loadBuiltin = (): Rule[] => loadBundle().rules;

/** The built-in rules. The build has validated them, so neither yaml nor zod is loaded. */
export function loadBundle(): Bundle<Rule> {
  let json: string;
  try {
    json = readFileSync(asset(BUNDLE), 'utf8');
  } catch (error) {
    throw new DumpsieveError(
      {
        code: 'rules-missing',
        message: `the built-in rules (${BUNDLE}) cannot be read`,
        hint: 'install the package again, or run `npm run build` in a checkout',
      },
      3,
      error,
    );
  }
  const { rules, sha256 } = JSON.parse(json) as Bundle<BundledRule>;
  return { rules: rules.map(hydrate), sha256 };
}
