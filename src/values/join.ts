import type { Tables } from './tables.js';

/** A value that is joined with a row of the tables. */
export interface Joined {
  /** Index of the rule. */
  rule: number;
  /** The whole value in the text. */
  start: number;
  end: number;
  confidence: 'medium' | 'low';
  /** As in a report: `an environment entry`. */
  shape: string;
  /** The name, of at most 64 characters `[A-Za-z0-9_.-]`. */
  name: string;
}

/** Tests a value against a pattern of a service: form `form` of rule `rule`. */
export type Accepts = (rule: number, form: number, start: number, end: number) => boolean;

/** Joins the run [start, end) of `text`, one byte a character, with a name before it. */
export function joinValue(
  _text: Uint8Array,
  _start: number,
  _end: number,
  _tables: Tables,
  _accepts?: Accepts,
): Joined | undefined {
  return undefined;
}

/**
 * False if {@link joinValue} joins nothing with the run of `length` characters at `offset`, of `stride`
 * bytes each. Patterns of services count as matched. Allocates nothing.
 */
export function joinsValue(
  _bytes: Uint8Array,
  _offset: number,
  _length: number,
  _stride: 1 | 2,
  _tables: Tables,
): boolean {
  return false;
}
