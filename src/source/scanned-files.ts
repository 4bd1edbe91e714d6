import type { BigIntStats } from 'node:fs';
import { definedFields } from '../base/runtime/defined.js';
import { fileOf } from '../base/runtime/own-files.js';
import type { Meeting } from './file-events.js';
import { VisitedFiles } from './file-system.js';
import type { WalkName } from './names.js';
import type { Opener } from './opener.js';
import { FileSelection } from './selection.js';
import type { SourceOptions } from './types.js';
import { Walker } from './walker.js';

/** A file that a scan reads. */
interface ScannedFile {
  type: 'scanned';
  stats: BigIntStats;
  /** Given by name; otherwise found in a folder or by a pattern. */
  named: boolean;
}

/** Looks at files and opens none. */
class FileLooker implements Opener<ScannedFile> {
  readonly #stdin: NodeJS.ReadableStream | undefined;

  constructor(stdin: NodeJS.ReadableStream | undefined) {
    this.#stdin = stdin;
  }

  async *file(_name: WalkName, { named }: Meeting, stats: BigIntStats): AsyncGenerator<ScannedFile> {
    yield { type: 'scanned', stats, named };
  }

  async *pipe(_name: WalkName, _fd: number | undefined, stats: BigIntStats): AsyncGenerator<ScannedFile> {
    yield { type: 'scanned', stats, named: true };
  }

  async *standardInput(): AsyncGenerator<ScannedFile> {
    const stats = this.#stdin === undefined || this.#stdin === process.stdin ? fileOf(0) : undefined;
    if (stats !== undefined) yield { type: 'scanned', stats, named: true };
  }
}

/** The files that a scan of paths reads, in its order. What cannot be read is left to the scan to report. */
export async function* scannedFiles(
  paths: readonly (string | Uint8Array)[],
  { follow = false, include, exclude, signal, stdin }: Partial<SourceOptions>,
): AsyncGenerator<ScannedFile> {
  const options = { follow, ifNoFiles: 'ignore' as const, ...definedFields({ signal, stdin }) };
  const selection = FileSelection.of(include, exclude);
  const walker = new Walker(options, new FileLooker(stdin), new VisitedFiles(), selection);
  for (const path of paths) yield* scanned(walker.argument(path));
  yield* scanned(walker.links());
}

async function* scanned(
  events: AsyncGenerator<ScannedFile | { type: 'notice' }>,
): AsyncGenerator<ScannedFile> {
  for await (const event of events) if (event.type === 'scanned') yield event;
}
