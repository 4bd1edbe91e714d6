import { finish, type Pausing } from '../../../core/base/runtime/turns.js';
import { defineWarnings, type Warning } from '../../../core/base/runtime/warnings.js';
import type { ProcessFacts, Unread } from '../../../core/model/report.js';
import { type HprofFile, type Id, RECORD_HEAD } from './file.js';
import { type HprofRecord, isHeap, TAG } from './records.js';
import { Checkpoints, walk, walkRecords } from './walk.js';

/** Records walked when a dump is opened; a JVM writes some 100,000, nearly all of them HPROF_UTF8. */
const MAX_RECORDS = 2 ** 21;
const MAX_CLASSES = 2 ** 18;
const MAX_THREADS = 2 ** 16;
/** A JVM writes a dozen. */
const MAX_EDGES = 2 ** 16;
/** Names of threads in a report. */
const MAX_THREAD_NAMES = 256;

/** What the records of a file say, apart from heap dumps. */
export interface HprofSummary {
  checkpoints: Checkpoints;
  /** HPROF_LOAD_CLASS: name identifiers by class identifier. */
  classNames: Map<Id, Id>;
  threads: Pick<ProcessFacts, 'threads' | 'threadNames'>;
  warnings: Warning[];
  /** Where records of another type begin than before. */
  edges: number[];
  /** Bytes that the records promise behind the end of the file. */
  unread: Unread[];
}

/** Walks the records once; heap dumps are skipped. */
export function readSummary(file: HprofFile): HprofSummary {
  const checkpoints = new Checkpoints(file.header.length, file.length);
  const classNames = new Map<Id, Id>();
  const threads = new ThreadList(file);
  const found: Warning[] = [];
  const ending = new Ending(file);
  const edges = new RecordEdges(file.header.length);
  let seen = 0;
  const isEnough = (count: number) => {
    seen += count;
    return seen >= MAX_RECORDS;
  };
  walk(file, checkpoints, checkpoints.before(0), file.length, {
    skipTag: TAG.UTF8,
    skipped: isEnough,
    record(record) {
      if (record.tag === TAG.LOAD_CLASS && classNames.size < MAX_CLASSES) addClass(file, record, classNames);
      threads.add(record);
      edges.add(record);
      ending.add(record);
      if (record.end > file.length) found.push(truncated(file, record.offset, record.end));
      return isEnough(1);
    },
    damaged(offset) {
      found.push(brokenRecord(file, offset));
      edges.all.push(offset);
      ending.damaged(offset);
    },
  });
  const unread = ending.lacking(seen < MAX_RECORDS);
  return {
    checkpoints,
    classNames,
    threads: threads.facts(checkpoints),
    warnings: found,
    edges: edges.all,
    unread,
  };
}

/** HPROF_LOAD_CLASS: serial u4, class id, stack u4, name id. */
function addClass(file: HprofFile, { body }: HprofRecord, names: Map<Id, Id>): void {
  const { idSize } = file.header;
  if (file.has(body, 8 + 2 * idSize)) names.set(file.id(body + 4), file.id(body + 8 + idSize));
}

/** Texts of HPROF_UTF8 records by identifier, in one walk. */
const readNames = (
  file: HprofFile,
  checkpoints: Checkpoints,
  wanted: ReadonlySet<Id>,
): ReadonlyMap<Id, string> => finish(namesInTurns(file, checkpoints, wanted));

/** Bits of a filter for low halves of identifiers. */
const FILTER = 2 ** 16;

/** {@link readNames} with pauses. */
export function* namesInTurns(
  file: HprofFile,
  checkpoints: Checkpoints,
  wanted: ReadonlySet<Id>,
): Pausing<never, ReadonlyMap<Id, string>> {
  const { idSize } = file.header;
  const names = new Map<Id, string>();
  if (wanted.size === 0) return names;
  const filter = new Uint8Array(FILTER);
  for (const id of wanted) filter[Number(BigInt(id) & BigInt(FILTER - 1))] = 1;
  const take = (body: number, end: number): void => {
    if (end - body < idSize || !file.has(body, idSize)) return;
    const id = file.id(body);
    if (wanted.has(id)) names.set(id, file.text(body + idSize, end - body - idSize));
  };
  yield* walkRecords(file, checkpoints, {
    skipTag: TAG.UTF8,
    skipping(bytes, body, end, base) {
      const at = body + idSize;
      if (end >= at && filter[(bytes[at - 2]! << 8) | bytes[at - 1]!] === 1) take(base + body, base + end);
    },
    skipped: () => names.size === wanted.size,
    record({ tag, body, end }) {
      if (tag === TAG.UTF8) take(body, end);
      return names.size === wanted.size;
    },
  });
  return names;
}

/** Collects where the type of records changes. Records that were skipped are of one type. */
class RecordEdges {
  readonly all: number[];
  #end: number;
  #tag: number | undefined;

  constructor(start: number) {
    this.all = [start];
    this.#end = start;
  }

  add({ tag, offset, end }: HprofRecord): void {
    if (offset !== this.#end) this.all.push(this.#end);
    if ((offset !== this.#end || tag !== this.#tag) && this.all.length < MAX_EDGES) this.all.push(offset);
    this.#end = end;
    this.#tag = tag;
  }
}

/** Threads of HPROF_TRACE, and of HPROF_START_THREAD, which only HPROF agents before Java 9 write. */
class ThreadList {
  readonly #file: HprofFile;
  readonly #serials = new Set<number>();
  readonly #nameIds: Id[] = [];

  constructor(file: HprofFile) {
    this.#file = file;
  }

  add({ tag, body }: HprofRecord): void {
    this.#readers[tag]?.(body);
  }

  readonly #readers: Readonly<Record<number, (body: number) => void>> = {
    // HPROF_TRACE: serial u4, thread serial u4, count u4, frame ids.
    5: (body) => {
      if (this.#file.has(body, 8)) this.#addSerial(this.#file.u32(body + 4));
    },
    // HPROF_START_THREAD: serial u4, object id, stack u4, name id, two ids of group names.
    [TAG.START_THREAD]: (body) => {
      const { idSize } = this.#file.header;
      if (!this.#file.has(body, 8 + 2 * idSize)) return;
      this.#addSerial(this.#file.u32(body));
      if (this.#nameIds.length < MAX_THREAD_NAMES) this.#nameIds.push(this.#file.id(body + 8 + idSize));
    },
  };

  #addSerial(serial: number): void {
    if (serial > 0 && this.#serials.size < MAX_THREADS) this.#serials.add(serial);
  }

  facts(checkpoints: Checkpoints): HprofSummary['threads'] {
    const names = readNames(this.#file, checkpoints, new Set(this.#nameIds));
    const threadNames = this.#nameIds.flatMap((id) => names.get(id) ?? []);
    return {
      ...(this.#serials.size === 0 ? {} : { threads: this.#serials.size }),
      ...(threadNames.length === 0 ? {} : { threadNames }),
    };
  }
}

const CUT =
  'get a complete copy: jmap may have been stopped, or the disk was full; ' +
  'all bytes in the file were searched';

function truncated(file: HprofFile, offset: number, end: number): Warning {
  const lacking = end - file.length;
  const message = `the heap dump is cut: its last record, at offset ${offset}, lacks ${lacking} bytes`;
  return warnings.of('hprof-truncated', { message, hint: CUT, offset, length: file.length - offset });
}

function brokenRecord(file: HprofFile, offset: number): Warning {
  const message = `no valid record at offset ${offset}: the rest was searched as plain bytes`;
  return warnings.of('hprof-truncated', { message, hint: CUT, offset, length: file.length - offset });
}

/** Records of files without a heap dump: allocation sites, heap summary, samples. */
const PURPOSES: ReadonlySet<number> = new Set([6, 7, 13]);

/**
 * Whether the records of a heap dump come to their end: none goes on behind the end of the file, there is a
 * heap, and one in segments ends with HPROF_HEAP_DUMP_END.
 */
class Ending {
  readonly #file: HprofFile;
  /** End of the records seen. */
  #end = 0;
  #hasPurpose = false;
  #inSegments = false;
  #cutAt: number | undefined;

  constructor(file: HprofFile) {
    this.#file = file;
  }

  add({ tag, end }: HprofRecord): void {
    this.#end = Math.max(this.#end, end);
    this.#hasPurpose ||= isHeap(tag) || PURPOSES.has(tag);
    if (tag === TAG.HEAP_DUMP_SEGMENT) this.#inSegments = true;
    else if (tag === TAG.HEAP_DUMP_END) this.#inSegments = false;
  }

  /** No record starts where one should. */
  damaged(offset: number): void {
    if (this.#file.length - offset < RECORD_HEAD) this.#cutAt = offset;
  }

  /** `all`: the records were read to the end, or to a damaged one. */
  lacking(all: boolean): Unread[] {
    const { length } = this.#file;
    if (this.#end > length) {
      const reason = `the heap dump is cut: its last record should end at byte ${this.#end}`;
      return [{ offset: length, length: this.#end - length, reason }];
    }
    const isOpen = all && (this.#inSegments || !this.#hasPurpose) && !this.#endsInRecord();
    if (!isOpen && this.#cutAt === undefined) return [];
    const reason = 'the heap dump is cut: its records do not come to their end';
    return [{ offset: this.#cutAt ?? length, length: null, reason }];
  }

  /** True if the last bytes are the record that ends a heap dump, whatever is damaged before it. */
  #endsInRecord(): boolean {
    const at = this.#file.length - RECORD_HEAD;
    if (!this.#file.has(at, RECORD_HEAD)) return false;
    return this.#file.u8(at) === TAG.HEAP_DUMP_END && this.#file.u32(at + 5) === 0;
  }
}

export const warnings = defineWarnings({
  'format-not-parsed': 'strict',
  'hprof-damaged': 'note',
  'hprof-owners': 'strict',
  'hprof-truncated': 'strict',
});
