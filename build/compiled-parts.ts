import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Script } from 'node:vm';
import { asset } from '../src/core/base/runtime/assets.js';

/** The Program of bin/load.js. */
interface Program {
  compiled: string;
  parts: Map<string, { script: Script }>;
  load(name: string): { main(argv: string[]): Promise<number> };
}

export const { Program } = createRequire(import.meta.url)(fileURLToPath(asset('bin/load.js'))) as {
  Program: new (folder?: string) => Program;
};

/** Messages to a thread: write the code cache of its first parts, or of those loaded later, and exit. */
export const KEEP = { first: 'keep first', later: 'keep later' } as const;

/**
 * Writes V8's code cache of each part that is not in `before`; returns the names of all parts loaded so far.
 */
export function keepCompiled(program: Program, before: ReadonlySet<string> = new Set()): Set<string> {
  mkdirSync(program.compiled, { recursive: true });
  for (const [name, { script }] of program.parts)
    if (!before.has(name)) writeFileSync(join(program.compiled, name), script.createCachedData());
  return new Set(program.parts.keys());
}
