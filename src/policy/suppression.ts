import type { Baseline } from './baseline.js';

/**
 * Says whether a baseline or an allow list holds a fingerprint or, for an allow list, another name of the key
 * (`prove/key-identifiers.ts`).
 */
export type Suppression = (
  fingerprint: string,
  names: () => readonly string[],
) => 'baseline' | 'allowed' | undefined;

/** The allow list takes precedence over the baseline. */
export function suppressionBy(baseline: Baseline, allowed: ReadonlySet<string>): Suppression {
  const isAllowed = (name: string): boolean => allowed.has(name);
  return (fingerprint, names) => {
    if (isAllowed(fingerprint) || (allowed.size > 0 && names().some(isAllowed))) return 'allowed';
    return baseline.has(fingerprint) ? 'baseline' : undefined;
  };
}
