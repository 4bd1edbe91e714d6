import { describe, test } from '@jest/globals';
import { missing, type RequirementName } from './programs.js';

/** Skips a group of tests. The test command reads the reason from the name and prints it: nothing is left out in silence. */
export function leaveOut(name: string, reason: string): void {
  describe.skip(`${name} (left out: ${reason})`, () => {
    test('has what it needs', () => {
      throw new Error(reason);
    });
  });
}

/**
 * `describe` for tests that need system programs. Where one is missing they are left out by name, which the test command
 * counts as a failure under DUMPSIEVE_ALL_TESTS=1.
 */
export function describeWith(names: readonly RequirementName[], name: string, body: () => void): void {
  const lacking = missing(names);
  if (lacking.length === 0) describe(name, body);
  else leaveOut(name, `${lacking.join(', ')} not found`);
}
