import type { KeyNames } from './report.js';

/** Names of one kind that are kept for a key, and their characters. They may be forged. */
const MOST = { names: 8, characters: 256 } as const;

/** A name as it is kept: not blank, and of bounded length. */
export function keyName(text: string | undefined): string[] {
  const name = text?.trim() ?? '';
  return name === '' ? [] : [clipName(name)];
}

const clipName = (name: string): string =>
  name.length > MOST.characters ? `${name.slice(0, MOST.characters)}…` : name;

const FIELDS = ['keyIds', 'accounts'] as const;

/**
 * The names of both, without duplicates; undefined if there is none. The least in order stay, whichever came
 * first.
 */
export function mergeNames(a: KeyNames | undefined, b: KeyNames | undefined): KeyNames | undefined {
  const merged: KeyNames = {};
  for (const field of FIELDS) {
    const all = [...new Set([...(a?.[field] ?? []), ...(b?.[field] ?? [])])];
    if (all.length > 0) merged[field] = all.sort().slice(0, MOST.names);
  }
  return merged.keyIds === undefined && merged.accounts === undefined ? undefined : merged;
}

export const keyNames = (keyIds: string[], accounts: string[] = []): KeyNames | undefined =>
  mergeNames({ keyIds }, { accounts });
