import { expect } from '@jest/globals';
import { type Finding, scan } from '../../../src/index.js';
import { compareWays, type WayFound } from './compare.js';
import type { WaysDump } from './ways.js';

export async function findingsOf(options: Parameters<typeof scan>[0]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const event of scan(options)) if (event.type === 'finding') findings.push(event);
  return findings;
}

/** What a scan says of each way: nothing wrong, and nothing of a way without a name. */
export function namedWays(dump: WaysDump, findings: readonly Finding[]): WayFound[] {
  const { ways, others } = compareWays(dump, findings);
  expect(ways.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
  expect(ways.filter(({ group, found }) => group !== 'link' && found)).toEqual([]);
  expect(others).toEqual([]);
  return ways;
}

export const notNamed = (ways: readonly WayFound[]): string[] =>
  ways.filter(({ group, named }) => group === 'link' && !named).map(({ way }) => way);
