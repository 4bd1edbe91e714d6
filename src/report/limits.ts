import type { Limit, LimitTarget } from '../model/report.js';
import { grouped } from './text.js';

const FOR: Readonly<Record<LimitTarget, string>> = {
  asked: 'for a --find target',
  written: 'for keys whose public half is in the dump',
  blind: 'for keys of which nothing is known',
};

/** Up to this many of a unit, a duration is stated in it. */
const UNITS = [
  ['s', 1, 120],
  ['min', 60, 120],
  ['h', 3600, 48],
  ['days', 86_400, Number.POSITIVE_INFINITY],
] as const;

/** `under 1 s`, `about 40 s`, `about 3 min`: an estimate is right to a factor of three. */
function durationText(seconds: number): string {
  if (seconds < 1) return 'under 1 s';
  const [name, length] = UNITS.find(([, length, most]) => seconds < length * most)!;
  return `about ${grouped(Math.round(seconds / length))} ${name}`;
}

/** A limit in plain words: what the search was for, why it ended, what it left and for how long. */
export function limitText({ search, target, left, estimate, reason }: Limit): string {
  const deep = estimate === undefined ? '' : `, ${durationText(estimate)} with --deep`;
  return `search ${search}, ${FOR[target]}: ${reason} (${grouped(left)} left${deep})`;
}
