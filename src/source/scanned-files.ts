import type { BigIntStats } from 'node:fs';
import { definedFields } from '../core/base/runtime/defined.js';
import { fileOf } from '../core/base/runtime/draft-file.js';
import type { Meeting } from './file-events.js';
import { VisitedFiles } from './file-system.js';
import { names, type WalkName } from './names.js';
import type { Opener } from './opener.js';
import { FileSelection } from './selection.js';
import type { NoticeEvent, SourceOptions } from './types.js';
import { Walker } from './walker.js';

/** What a scan reads. */
interface FoundInput {
  type: 'scanned';
  /** Absent for standard input. */
  path?: Uint8Array;
  /** A regular file; otherwise a FIFO, a descriptor or standard input. */
  isRegular: boolean;
  /** Absent for standard input that is no file. */
  stats?: BigIntStats;
  /** Given by name; otherwise found in a folder or by a pattern. */
  named: boolean;
}

/** A file that a scan reads. */
type ScannedFile = FoundInput & { stats: BigIntStats };

/** Looks at files and opens none. */
class FileLooker implements Opener<FoundInput> {
  readonly #stdin: NodeJS.ReadableStream | undefined;

  constructor(stdin: NodeJS.ReadableStream | undefined) {
    this.#stdin = stdin;
  }

  async *file(name: WalkName, { named }: Meeting, stats: BigIntStats): AsyncGenerator<FoundInput> {
    yield { type: 'scanned', path: pathOf(name), isRegular: true, stats, named };
  }

  async *pipe(name: WalkName, _fd: number | undefined, stats: BigIntStats): AsyncGenerator<FoundInput> {
    yield { type: 'scanned', path: pathOf(name), isRegular: false, stats, named: true };
  }

  async *standardInput(): AsyncGenerator<FoundInput> {
    const stats = this.#stdin === undefined || this.#stdin === process.stdin ? fileOf(0) : undefined;
    yield { type: 'scanned', isRegular: false, ...definedFields({ stats }), named: true };
  }
}

const pathOf = (name: WalkName): Uint8Array => Buffer.from(names.toSystem(name));

/** The files that a scan of paths reads, in its order, and what it would report of the others. */
export async function* foundFiles(
  paths: readonly (string | Uint8Array)[],
  { follow = false, include, exclude, ifNoFiles = 'error', signal, stdin }: Partial<SourceOptions>,
): AsyncGenerator<FoundInput | NoticeEvent> {
  const options = { follow, ifNoFiles, ...definedFields({ signal, stdin }) };
  const selection = FileSelection.of(include, exclude);
  const walker = new Walker(options, new FileLooker(stdin), new VisitedFiles(), selection);
  for (const path of paths) yield* walker.argument(path);
  yield* walker.links();
}

/** The files that a scan of paths reads, in its order. What cannot be read is left to the scan to report. */
export async function* scannedFiles(
  paths: readonly (string | Uint8Array)[],
  options: Partial<SourceOptions>,
): AsyncGenerator<ScannedFile> {
  for await (const event of foundFiles(paths, { ...options, ifNoFiles: 'ignore' }))
    if (event.type === 'scanned' && event.stats !== undefined) yield { ...event, stats: event.stats };
}
