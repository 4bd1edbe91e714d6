import type { Report } from '../../support/reports.js';

/** What a report says of a program that holds one key. */
export interface Verdict {
  /** If the key was found, and counts. */
  key: 'counted' | 'not counted' | 'missed';
  /** Other keys that count: their algorithm, severity, encoding and first place. */
  counted: string[];
  /** Findings of keys that do not count. */
  notCounted: number;
  limits: string[];
}

/** `spki`: the canonical SubjectPublicKeyInfo of the program's key in base64. */
export function judge({ findings, artifacts }: Report, spki: string): Verdict {
  const keys = findings.filter(({ key }) => key !== undefined);
  const own = keys.filter(({ key }) => key?.spki === spki);
  const others = keys.filter(({ key }) => key?.spki !== spki);
  const counted = others.filter((each) => each.counts);
  return {
    key: own.some((each) => each.counts) ? 'counted' : own.length > 0 ? 'not counted' : 'missed',
    counted: counted.map(({ key, severity, occurrences: [first] }) =>
      [key?.curve ?? key?.algorithm, severity, first?.encoding, first?.component, first?.offset].join(' '),
    ),
    notCounted: others.length - counted.length,
    limits: artifacts.flatMap(({ coverage }) => coverage.limits.map(({ search }) => search)),
  };
}
