import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Script } from 'node:vm';
import { asset } from '../base/runtime/assets.js';

/** What bin/load.js has of a program in parts. */
interface Program {
  compiled: string;
  parts: Map<string, { script: Script }>;
  load(name: string): { main(argv: string[]): Promise<number> };
}

export const { Program } = createRequire(import.meta.url)(fileURLToPath(asset('bin/load.js'))) as {
  Program: new (folder?: string) => Program;
};

/** Asks a thread to keep what was compiled of what it begins with, or of what it has loaded since, and to end. */
export const KEEP = { first: 'keep first', later: 'keep later' } as const;

/** Writes what the engine has compiled of each part but those that were kept before, and tells which these are by now. */
export function keepCompiled(program: Program, before: ReadonlySet<string> = new Set()): Set<string> {
  mkdirSync(program.compiled, { recursive: true });
  for (const [name, { script }] of program.parts)
    if (!before.has(name)) writeFileSync(join(program.compiled, name), script.createCachedData());
  return new Set(program.parts.keys());
}
