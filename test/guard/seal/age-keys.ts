import { execFileSync } from 'node:child_process';
import { program } from '../../support/programs.js';

/** The text of an identity file, and the public half. */
export interface AgeKey {
  identity: string;
  recipient: string;
}

const made = new Map<string, AgeKey>();

/** A key by age-keygen; the same one for a name, as a test file needs no new key for each of its tests. */
export function ageKey(name: string): AgeKey {
  let key = made.get(name);
  if (key === undefined) {
    const identity = execFileSync(program('age-keygen'), { encoding: 'utf8', stdio: 'pipe' });
    key = { identity, recipient: /age1\w+/.exec(identity)![0] };
    made.set(name, key);
  }
  return key;
}
