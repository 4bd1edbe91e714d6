import { appendFileSync, existsSync } from 'node:fs';
import { describe, test } from '@jest/globals';
import { missing, type RequirementName } from './programs.js';

/** Where a missing program is a failure: continuous integration. */
const required = process.env.DUMPSIEVE_ALL_TESTS === '1';

/** The test command prints these lines after the last test: what was left out must not pass in silence. */
function leaveOut(name: string, reason: string, body: () => void): void {
  const file = process.env.DUMPSIEVE_LEFT_OUT;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ name, reason })}\n`);
  describe.skip(`${name} (left out: ${reason})`, body);
}

/** `describe` for tests that need system programs. Left out by name where one is missing; a failure under DUMPSIEVE_ALL_TESTS=1. */
export function describeWith(names: readonly RequirementName[], name: string, body: () => void): void {
  const lacking = missing(names);
  if (lacking.length === 0) {
    describe(name, body);
    return;
  }
  const reason = `${lacking.join(', ')} not found`;
  if (!required) {
    leaveOut(name, reason, body);
    return;
  }
  describe(name, () => {
    test('finds the system programs that it needs', () => {
      throw new Error(reason);
    });
  });
}

/** `describe` for tests over dumps that are not the project's own and lie beside a developer's copy. Never a failure where missing. */
export function describeWithSamples(name: string, body: (folder: string) => void): void {
  const folder = process.env.DUMPSIEVE_SAMPLES ?? '../shared/samples';
  if (existsSync(folder)) describe(name, () => body(folder));
  else leaveOut(name, `no samples at ${folder}`, () => body(folder));
}
