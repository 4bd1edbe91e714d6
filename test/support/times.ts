import { existsSync, readFileSync } from 'node:fs';
import { kindOf } from './kinds.js';

/**
 * Processor time of test files. A fast one takes at most 3 s on a quiet core. That is no assertion, since any
 * number of seconds can be exceeded on some machine. What is checked is the ratio to the median of all fast
 * files of the run: load, a slow processor or an emulator raise both.
 */

export interface FileTime {
  file: string;
  /** Milliseconds, its threads and children included. */
  time: number;
}

/** Ten seconds where the median is 0.28 s; the slowest of the fast files take 16 times the median. */
const RATIO = 36;
/** Below this many files the median says nothing. */
const LEAST_FILES = 100;

/** Reads what the environment of the tests wrote: a path and a number in a line. */
export function readTimes(path: string): FileTime[] {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  return lines.map((line) => {
    const [file = '', time = ''] = line.split('\t');
    return { file: file.replace(/^.*\/dist\//, ''), time: Number(time) };
  });
}

/** Fast test files that are too slow to be called fast, by a margin that no load explains; slowest first. */
export function tooSlow(times: readonly FileTime[]): FileTime[] {
  const fast = times.filter(({ file }) => kindOf(file) === 'fast').sort((a, b) => b.time - a.time);
  const median = fast[fast.length >> 1]?.time ?? 0;
  return fast.length < LEAST_FILES ? [] : fast.filter(({ time }) => time > RATIO * median);
}
