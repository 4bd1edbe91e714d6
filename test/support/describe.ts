import { describe, test } from '@jest/globals';
import { missing, type RequirementName } from './programs.js';

/** Skips a group of tests. The test command reads the reason from the group's name and prints it. */
export function leaveOut(name: string, reason: string): void {
  describe.skip(`${name} (left out: ${reason})`, () => {
    test('has what it needs', () => {
      throw new Error(reason);
    });
  });
}

/**
 * `describe` for tests that need system programs. If one is missing the tests are skipped, which the test
 * command counts as a failure under DUMPSIEVE_ALL_TESTS=1. The file's name says so: `a.program.test.ts`.
 */
export function describeWith(names: readonly RequirementName[], name: string, body: () => void): void {
  const lacking = missing(names);
  if (lacking.length === 0) describe(name, body);
  else leaveOut(name, `${lacking.join(', ')} not found`);
}
