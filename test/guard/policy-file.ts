import type { Policy } from '../../src/guard/policy/policy.js';
import { readPolicy } from '../../src/guard/policy/policy-read.js';

/** The fields that every policy needs. */
export const BASE = [
  'recipients: keys/recipients',
  'responder: keys/responder',
  'sign: /keys/sign.key',
  'state: /var/lib/dumpsieve',
  '',
].join('\n');

/** The policy of `BASE` and these lines, or its mistakes; the folder is /etc/guard. */
export function readLines(lines: string, environment: Record<string, string> = {}, base = BASE) {
  return readPolicy('guard.yaml', base + lines, '/etc/guard', environment);
}

/** The policy of `BASE` and these lines. Throws for one with mistakes. */
export function policyOf(lines: string, environment: Record<string, string> = {}): Omit<Policy, 'sha256'> {
  const read = readLines(lines, environment);
  if ('mistakes' in read) throw new Error(read.mistakes.join('\n'));
  return read.policy;
}
