import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const HALVES = ['open', 'shut'] as const;
export type Half = (typeof HALVES)[number];

/** A line of HALF/examples.jsonl: one secret of one example, as the tests of another project state it. */
export interface Example {
  /** The project that the example is from. */
  source: string;
  service: string;
  /** The whole example, with its context. */
  text: string;
  /** Range of the secret in `text`, in UTF-16 code units. */
  start: number;
  end: number;
  /** What is directly before the secret: `env`, `json`, `userinfo` … */
  shape: string;
  /** Tests for made-up values that the secret meets. */
  fake: readonly string[];
}

export function readHalf(corpus: string, half: Half): Example[] {
  const path = join(corpus, half, 'examples.jsonl');
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
