import type { Reader } from '../../base/bytes/storage.js';
import type { Warning, WarningTable } from '../../base/runtime/warnings.js';
import type {
  AddressSpace,
  Extent,
  MissingMemory,
  ProcessFacts,
  Region,
  Unread,
} from '../../model/report.js';

/** Memory that lies in the file: file offset to virtual (or physical) address and back. */
export interface Segment extends Extent {
  address: bigint;
}

/** Two places adjacent by address and not in the file: the byte before `endOffset` is followed by the byte at `offset`. */
export interface Seam {
  endOffset: number;
  offset: number;
}

/** An array of numbers in a managed heap: where its elements lie, and the bytes of one. */
export interface HeapArray extends Extent {
  elementSize: number;
}

/** What a format reads of a dump: what lies where. */
export interface ParsedDump {
  /** Ascending by offset. */
  readonly segments: readonly Segment[];
  readonly addressSpace?: AddressSpace;
  readonly process: ProcessFacts;
  /** Set where the headers describe memory. */
  readonly memory?: { described: number; present: number; missing: MissingMemory[] };
  /** Payload that stands encoded or compressed and was not decoded. */
  readonly unread: readonly Unread[];
  readonly warnings: readonly Warning[];
  /** What the byte at `offset` is, and its address where it has one. Works for every offset of the file. */
  locate(offset: number): { address?: bigint; region: Region };
  /** Pairs adjacent by address but not in the file. */
  seams(): Iterable<Seam>;
  /** True where, by the dump's structure, a text begins at `offset`: the bytes before it are no part of it. */
  startsText?(offset: number): boolean;
  /** The array of bytes, ints or longs that an extent lies in and near whose first byte it begins, whole, as the dump keeps it. */
  arrayAround?(extent: Extent): HeapArray | undefined;
  /**
   * Completes the names of regions that `locate` handed out, where they need a walk over the file: one for all of them.
   * Called once, when everything was found; returns what was in the way.
   */
  settle?(): readonly Warning[];
}

/** A dump that has been opened. */
export interface Dump extends ParsedDump {
  /** Name of its format, as in reports. */
  readonly format: string;
}

/** A dump format: all that is specific to it. Each has a folder, and a row in formats.ts. */
export interface DumpFormat {
  /** As in reports. */
  readonly name: string;
  /** `head`: the first 64 KiB, or the whole file if smaller. */
  probe(head: Uint8Array, reader: Reader): boolean;
  /** Never throws for bad contents: what cannot be read becomes a warning, and the bytes are still swept. */
  open(reader: Reader): ParsedDump;
  /** Set if compressed content of this format can be swept while it is decoded: {@link open} reads little of it. */
  readonly streaming?: Streaming;
  /** The shell command that shows memory at an address (`0x…`) in a debugger. `file` is quoted already. */
  readonly debugCommand?: (file: string, address: string) => string;
  readonly warnings: WarningTable;
}

/** What must be kept of content while it is decoded, since the dump is opened only when its end is known. */
export interface Streaming {
  /** False if memory goes on as the file does: hits then need not wait for the end of the content. */
  readonly segmented: boolean;
  /** What `open` will read, judged by the head. A miss costs no more than a second decoding. */
  prefetch(head: Uint8Array): Extent[];
  /** First 4 bytes (a little-endian number) of pages that `open` may read wherever they lie. */
  readonly pageMagic?: number;
}

/** Bytes around a hit, continued by address or by file order. */
export interface Window {
  readonly bytes: Uint8Array;
  /** Index in `bytes` of the offset asked for. */
  readonly at: number;
  readonly order: 'memory' | 'file';
  /** The window begins (ends) here because nothing lies before (after) it in this order, not because no more was asked for. */
  readonly startsAtEdge: boolean;
  readonly endsAtEdge: boolean;
  /** File extents of bytes[start, end), in order, neighbours merged. */
  extents(start: number, end: number): Extent[];
  /** File offset of bytes[index]. */
  offsetOf(index: number): number;
}

/** Bytes of an artifact around any offset. Windows are capped at 1 MiB. */
export interface View {
  readonly reader: Reader;
  /**
   * `before` bytes before and `after` bytes from `offset` on. `memory` order continues by address where a segment ends
   * (a file offset outside any segment continues by file order); `file` order ignores segments.
   */
  window(offset: number, before: number, after: number, order?: 'memory' | 'file'): Window;
  /** As {@link Dump.startsText}. */
  startsText?(offset: number): boolean;
  /** As {@link Dump.arrayAround}. */
  arrayAround?(extent: Extent): HeapArray | undefined;
  /** True where `offset` lies in the image of a program or library. Dumps of arrays have none. */
  inModule?(offset: number): boolean;
  /** True where both orders give the same window: nothing need be looked at twice. */
  plain(offset: number, before: number, after: number): boolean;
}
