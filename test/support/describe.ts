import { describe, test } from '@jest/globals';
import { missing, type RequirementName } from './programs.js';

/** Skips a group of tests. The test command reads the reason from its name and prints it. */
export function leaveOut(name: string, reason: string): void {
  describe.skip(`${name} (left out: ${reason})`, () => {
    test('has what it needs', () => {
      throw new Error(reason);
    });
  });
}

/**
 * `describe` for tests that need system programs. They are left out if one is missing, which the test command counts as
 * a failure under DUMPSIEVE_ALL_TESTS=1, and in a run of unit tests.
 */
export function describeWith(names: readonly RequirementName[], name: string, body: () => void): void {
  if (process.env.DUMPSIEVE_TESTS === 'unit') {
    leaveOut(name, `it starts ${names.join(', ')}: npm run test:e2e`);
    return;
  }
  const lacking = missing(names);
  if (lacking.length === 0) describe(name, body);
  else leaveOut(name, `${lacking.join(', ')} not found`);
}
