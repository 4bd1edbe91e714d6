import { readFileSync } from 'node:fs';
import { asset } from '../base/runtime/assets.js';
import { DumpsieveError } from '../base/runtime/errors.js';
import { type BundledRule, hydrate } from './hydrate.js';
import type { Rule } from './types.js';

/** Where the build step writes the bundle, from the package's root. */
export const BUNDLE = 'dist/rules.json';

/** What the build step writes: all rules, and the digest of those that need not be asked for. */
export interface Bundle<R> {
  rules: R[];
  sha256: string;
}

export const loadBuiltin = (): Rule[] => loadBundle().rules;

/** The rules that ship with the package. They were validated when the bundle was built: neither yaml nor zod is loaded here. */
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
