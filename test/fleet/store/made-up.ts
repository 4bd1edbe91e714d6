import type { ScanResult } from '../../../fleet/src/model/scan-result.js';
import { hex, listed, result, secret, TARGET } from './samples.js';

/** Dumps 0, 1, 2 …: the result of each follows from its name, so all processes make the same one up. */

/** Every third dump is a copy of one before. */
const numberOf = (name: string): number => {
  const number = Number(/\d+$/.exec(name)?.[0]);
  return number % 3 === 2 ? number - 2 : number;
};

export const dumpsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => listed(`dump-${i}`, { size: 1000 - (i % 7) }));

export function contentOf(name: string): { sha256: string; poison: boolean } {
  const number = numberOf(name);
  return { sha256: hex(`content ${number}`), poison: number % 50 === 49 };
}

const SEVERITIES = ['low', 'high', 'critical'] as const;

/** Ten findings of a pool of 60 secrets, which each dump describes differently. */
export function resultOf(name: string): ScanResult {
  const number = numberOf(name);
  const findings = Array.from({ length: 10 }, (_, i) =>
    secret(`secret ${(number * 7 + i * 11) % 60}`, {
      preview: `of ${number % 4}`,
      severity: SEVERITIES[number % 3]!,
      place: { member: '', offset: number * 100 + i, length: 32, address: '0x7f00deadbeef', region: 'heap' },
      ...(i === 0 ? { spki: hex((number * 7) % 60) } : {}),
      ...(i === 9 ? { fingerprint: null } : {}),
    }),
  );
  return result(`content ${number}`, {
    findings,
    exit: 1,
    complete: number % 5 !== 0,
    limits: number % 5 === 0 ? ['too-slow'] : [],
    answers: [{ target: TARGET.digest, status: 'absent', complete: number % 5 !== 0 }],
  });
}
