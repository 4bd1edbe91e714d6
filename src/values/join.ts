import type { Explain } from '../base/text/steps.js';
import { context } from './context.js';
import { joinSteps } from './join-steps.js';
import { type Accepts, Joiner } from './joiner.js';
import { narrow, narrowed } from './narrow.js';
import { place, SHAPE_WORDS } from './place.js';
import { shownName } from './shown-name.js';
import type { Tables } from './tables.js';

/** A value that is joined with a row of the tables. */
export interface Joined {
  /** Index of the rule. */
  rule: number;
  /** The whole value in the text. */
  start: number;
  end: number;
  confidence: 'medium' | 'low';
  /** Description in a report: `an environment entry`. */
  shape: string;
  /** The name, at most 64 characters `[A-Za-z0-9_.-]`, `…` for random pieces. */
  name: string;
}

const joiner = new Joiner();

/** Joins the run [start, end) of `text`, one byte a character, with a name before it. */
export function joinValue(
  text: Uint8Array,
  start: number,
  end: number,
  tables: Tables,
  accepts?: Accepts,
  explain?: Explain,
): Joined | undefined {
  joiner.tables = tables;
  joiner.accepts = accepts;
  joinSteps.explain = explain;
  const joined = joiner.run(text, start, end, text.length);
  joinSteps.explain = undefined;
  if (!joined) return undefined;
  const { rule, valueStart, valueEnd, medium, direct, nameStart, nameEnd } = joiner;
  return {
    ...{ rule, start: valueStart, end: valueEnd },
    confidence: medium ? 'medium' : 'low',
    shape: SHAPE_WORDS[direct ? place.shape : 'none'],
    name: shownName(context.bytes.subarray(nameStart, nameEnd)),
  };
}

/**
 * False if {@link joinValue} joins nothing with the run of `length` characters at `offset`, of `stride`
 * bytes each. Patterns of services count as matched. Allocates nothing where it refuses.
 */
export function joinsValue(
  bytes: Uint8Array,
  offset: number,
  length: number,
  stride: 1 | 2,
  tables: Tables,
): boolean {
  joiner.tables = tables;
  joiner.accepts = undefined;
  if (stride === 1) return joiner.run(bytes, offset, offset + length, bytes.length);
  narrow(bytes, offset, length);
  return joiner.run(narrowed.text, narrowed.start, narrowed.end, narrowed.length);
}
