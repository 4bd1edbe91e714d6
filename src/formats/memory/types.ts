import type { ByteReader, Storage } from '../../core/base/bytes/storage.js';
import type { Pausing } from '../../core/base/runtime/turns.js';
import type { Warning, WarningTable } from '../../core/base/runtime/warnings.js';
import type { Location } from '../../core/model/occurrence.js';
import type { Extent, MissingMemory, Owner, ProcessFacts, Unread } from '../../core/model/report.js';
import type { Job } from '../../sweep/job.js';
import type { Mark } from '../../sweep/marks.js';

/**
 * A range of virtual (or physical) memory that is in the file. One list holds the segments of all address
 * spaces of a dump: a format with several keeps their addresses apart, by bits above those of an address, and
 * takes these bits away in {@link ParsedDump.locate}.
 */
export interface Segment extends Extent {
  address: bigint;
}

/** A pair of bytes adjacent in memory but not in the file: at `endOffset - 1`, then at `offset`. */
export interface Seam {
  endOffset: number;
  offset: number;
  /** Address of the byte at `offset`. */
  address: bigint;
}

/** The elements of a primitive array in a managed heap. */
export interface HeapArray extends Extent {
  /** Size in bytes. */
  elementSize: number;
}

/** True if texts that begin with these three bytes are wanted. */
export type TextFronts = (first: number, second: number, third: number) => boolean;

/** Runs of characters that look random, ascending by offset. */
export interface RandomRuns {
  readonly offsets: Float64Array;
  /** Length in bytes of each; one that was cut by the sweep may go on. */
  readonly lengths: Uint32Array;
}

/** A value, with the name that pointers lead to. */
export interface Owned {
  /** The value as its object has it. */
  value: Extent;
  /** Characters of one byte, UTF-16, or bytes that are no text. */
  form: 'bytes' | 'latin1' | 'utf16le' | 'utf16be';
  owner: Owner;
  /** Objects between the value's own one and its owner. */
  hops: number;
  /** True if one of them holds values of any purpose: a wrapper. */
  generic: boolean;
}

/** Fields that are read of the objects of a class. */
export interface ObjectQuery {
  /** With its package, as the runtime writes it; objects of its subclasses have the fields, too. */
  className: string;
  /** Each a field, or a field of the object that another one leads to: `key`, `params.n`. */
  paths: readonly string[];
  /** Set if the classes of the objects that refer to it are wanted. */
  withHolders?: true;
}

/** An object of a class that was asked for. */
export interface HeldObject {
  /** Index of the query. */
  query: number;
  /** Its own class. */
  className: string;
  /** What its paths lead to: texts, or the octets of arrays and integers, most significant first. */
  values: readonly (Pick<Owned, 'value' | 'form'> | undefined)[];
  /** Classes of some objects that refer to it; empty if none does. Only where the query asks for them. */
  holders: readonly string[];
}

/** Jobs on other threads, for a computation in slices: it pauses until an output is there. */
interface Tasks {
  /** What a pause lasts for. */
  readonly pending: Promise<void> | undefined;
  /** Outputs in the order of the inputs. `here`: does the job on this thread. */
  map<Input, Output>(
    job: Job<Input, Output>,
    inputs: Iterator<Input>,
    here: (input: Input) => Output,
  ): Pausing<Output>;
}

/** Other threads for the search for owners, which can read the dump. */
export interface Threads {
  readonly storage: Storage;
  readonly tasks: Tasks;
  /** Bytes of a task; tests vary it. */
  readonly taskSize?: number;
}

/** What the search for owners did not do. */
export interface OwnersEnd {
  /** Values whose owners were not searched for, since there are too many. */
  left: number;
  warnings: readonly Warning[];
}

/** True if a value of this name may be a secret: other names end the search for a value's owner. */
export type MayName = (name: string) => boolean;

/** Knows the file offsets, beside those of segments, at which a region may begin or end; in any order. */
export interface WithEdges {
  edges(): Iterable<number>;
}

/** What a format reads from a dump. */
export interface ParsedDump extends Partial<WithEdges> {
  /** Ascending by offset. */
  readonly segments: readonly Segment[];
  readonly process: ProcessFacts;
  /** Set if the format's headers describe memory. */
  readonly memory?: { described: number; present: number; missing: MissingMemory[] };
  /** Payload that is encoded or compressed and was not decoded. */
  readonly unread: readonly Unread[];
  readonly warnings: readonly Warning[];
  /** Where a byte lies; defined for every offset of the file. Without an address it is not in memory. */
  locate(offset: number): Omit<Location, 'artifact'>;
  /**
   * True if a byte is as in the file of a program or library, by the dump's headers: in a mapping of it that
   * cannot be written. Undefined without a map of modules.
   */
  isFileBacked?(offset: number): boolean;
  /** Pairs adjacent by address but not in the file. */
  seams(): Iterable<Seam>;
  /** True if the dump's structure says that a text begins at `offset`: bytes before it are not part of it. */
  startsText?(offset: number): boolean;
  /**
   * Index in `bytes` where the text that contains bytes[at] begins: what is before it belongs to another
   * text. Set if the dump is a list of texts that are not beside each other in memory.
   */
  textStart?(bytes: Uint8Array, at: number): number;
  /**
   * Texts whose start the dump's structure alone shows, ascending: a character seems to precede them. Only
   * those with a front that is wanted.
   */
  textStarts?(wanted: TextFronts): Extent[];
  /**
   * The array of bytes, ints or longs that contains an extent, if the extent begins near its first element.
   */
  arrayAround?(extent: Extent): HeapArray | undefined;
  /**
   * The owners of those runs that have one with the name of a secret; also of bytes that are no text. Also
   * the objects of classes that are asked for, where the format knows fields of objects. Called once, after
   * the sweep: a format follows the pointers to all values together.
   */
  owners?(
    runs: RandomRuns,
    mayName: MayName,
    queries: readonly ObjectQuery[],
    threads?: Threads,
  ): Pausing<Owned | HeldObject, OwnersEnd>;
  /**
   * Marks of which some are in the dump if an object of the queries is: if the sweep has met none, no object
   * need be asked for. Undefined if a search for marks costs more than {@link owners}, or proves nothing.
   */
  objectMarks?(queries: readonly ObjectQuery[]): Pausing<never, readonly Mark[] | undefined>;
  /** Set if {@link owners} costs a walk over the heap: it is asked for runs without a name beside them. */
  readonly ownersOfUnnamed?: true;
  /**
   * Completes the names of regions returned by `locate`, in one walk over the file for all of them. Called
   * once, after the last `locate`. Returns warnings about damage found in that walk.
   */
  completeNames?(): Pausing<never, readonly Warning[]>;
  /** Files that this one, by its name, promises beside it. */
  companions?(name: string): readonly Companion[];
}

/** A dump that has been opened. */
export interface Dump extends ParsedDump {
  /** Name of its format, as in reports. */
  readonly format: string;
  /** See {@link DumpFormat.audit}. */
  readonly audit?: (() => Audit) | undefined;
}

/**
 * Reads all bytes of a dump in file order, and compares them with what its header promises: for formats whose
 * header alone does not show where the last byte must be.
 */
export interface Audit {
  push(bytes: Uint8Array): void;
  /** Called once, after the last byte: what is not there. */
  end(): Unread[];
}

/** A file that another one of the dump promises, in the same folder. */
export interface Companion {
  name: string;
  /** Sizes in bytes that it may have, the least first; absent if none is promised. */
  sizes?: readonly number[];
  /** What it holds, as the subject of a sentence. */
  holds: string;
}

/** A dump format: all that is specific to it. Each has a folder, and a row in formats.ts. */
export interface DumpFormat {
  /** Name in reports. */
  readonly name: string;
  /** `head`: the first 64 KiB, or the whole file if smaller. */
  probe(head: Uint8Array, reader: ByteReader): boolean;
  /** Damage becomes warnings. If it throws a DumpsieveError, openDump sweeps the file as raw bytes. */
  open(reader: ByteReader): ParsedDump;
  /**
   * Set if {@link open} reads little of a dump, so that a compressed one can be swept while it is decoded.
   */
  readonly streaming?: Streaming;
  /** Set if only a walk over all bytes shows if a dump is whole. */
  readonly audit?: () => Audit;
  /** Names of files that another one of the same dump may promise. */
  readonly companionNames?: RegExp;
  /** The shell command that shows memory at an address (`0x…`) in a debugger. `file` is quoted already. */
  readonly debugCommand?: (file: string, address: string) => string;
  /** The one system or runtime that writes it. */
  writtenBy?: 'linux' | 'windows' | 'macos' | 'java' | 'node';
  /** What a dump of this format never has, though the process had it. */
  readonly leavesOut?: string;
  /** What to do instead of a copy, where none can be made of it. */
  readonly insteadOfCopy?: string;
  readonly warnings: WarningTable;
}

/** What must be kept of content while it is decoded, since the dump is opened only when its end is known. */
export interface Streaming {
  /** False if memory is in file order: hits are then examined before the end of the content is known. */
  readonly segmented: boolean;
  /** Extents that `open` will read, from the head. One that is missed costs a second decoding. */
  prefetch(head: Uint8Array): Extent[];
  /** First 4 bytes, as a little-endian number, of further pages that `open` may read. */
  readonly pageMagic?: number;
  /** Set if all bytes are read once more when the dump was swept: by {@link ParsedDump.owners}. */
  readonly owners?: true;
}

/** Bytes around an offset, continued by address or in file order. */
export interface Window {
  readonly bytes: Uint8Array;
  /** Index in `bytes` of the requested offset. */
  readonly at: number;
  readonly order: 'memory' | 'file';
  /** True if nothing precedes (follows) the window in this order; false if it has the requested length. */
  readonly startsAtEdge: boolean;
  readonly endsAtEdge: boolean;
  /** File extents of bytes[start, end), in order; adjacent ones are merged. */
  extents(start: number, end: number): Extent[];
  /** File offset of bytes[index]. */
  offsetOf(index: number): number;
}

/** Windows on an artifact, of at most 1 MiB. */
export interface View {
  readonly reader: ByteReader;
  /**
   * `before` bytes before and `after` bytes from `offset`. Order `memory` continues by address at the end of
   * a segment (outside segments, in file order); order `file` ignores segments.
   */
  window(offset: number, before: number, after: number, order?: 'memory' | 'file'): Window;
  /** See {@link Dump.startsText}. */
  startsText?(offset: number): boolean;
  /** See {@link Dump.textStart}. */
  textStart?(bytes: Uint8Array, at: number): number;
  /** See {@link Dump.arrayAround}. */
  arrayAround?(extent: Extent): HeapArray | undefined;
  /** True if `offset` is in the image of a program or library. Undefined for dumps of managed heaps. */
  inModule?(offset: number): boolean;
  /** See {@link Dump.isFileBacked}. */
  isFileBacked?(offset: number): boolean;
  /** True if both orders give the same window. */
  sameInBothOrders(offset: number, before: number, after: number): boolean;
}
