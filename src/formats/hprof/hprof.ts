import type { ByteReader } from '../../core/base/bytes/storage.js';
import type { Pausing } from '../../core/base/runtime/turns.js';
import type { Extent, ProcessFacts } from '../../core/model/report.js';
import type { Mark } from '../../sweep/marks.js';
import { readBytes } from '../memory/read.js';
import type { DumpFormat, HeapArray, ObjectQuery, ParsedDump, TextFronts } from '../memory/types.js';
import { rawDump } from '../others/raw/raw.js';
import type { IdTable } from './owners/id-table.js';
import { QueriedClasses } from './owners/queried-objects.js';
import { FieldRoles, ROLE_WORDS } from './owners/roles.js';
import { HeapOwners } from './owners/search.js';
import {
  type BufferedRecord,
  HprofFile,
  type HprofHeader,
  type Id,
  readHeader,
  versionOf,
} from './records/file.js';
import { TAG } from './records/records.js';
import { SUB, sizeOfType } from './records/subrecords.js';
import { readSummary, warnings } from './records/summary.js';
import { type Checkpoints, walk, walkRecords } from './records/walk.js';
import { HprofRegions } from './regions.js';

/** The latest time of a Date, in milliseconds since 1970. */
const LAST_DATE = 8_640_000_000_000_000n;
const HEAD = 64;

/** Heap dump of a JVM (jmap, HeapDumpOnOutOfMemoryError, HPROF agents) or of Android's runtime. */
export const hprof: DumpFormat = {
  name: 'hprof',
  writtenBy: 'java',
  leavesOut: 'direct buffers, native heap, stacks and code',
  probe: (head) => versionOf(head) !== undefined,
  open(reader) {
    const header = readHeader(readBytes(reader, 0, HEAD));
    return header === undefined ? withoutHeader(reader) : openHprof(reader, header);
  },
  warnings,
};

/** Objects have identifiers, not addresses: there are no segments. */
function openHprof(reader: ByteReader, header: HprofHeader): ParsedDump {
  const file = new HprofFile(reader, header);
  const contents = readSummary(file);
  const regions = new HprofRegions(file, contents);
  const roleTexts = new RoleTexts(file, contents.checkpoints);
  const process: ProcessFacts = {
    ...contents.threads,
    bits: header.idSize === 4 ? 32 : 64,
    ...(header.time > 0n && header.time <= LAST_DATE
      ? { dumpedAt: new Date(Number(header.time)).toISOString() }
      : {}),
  };
  return {
    ...rawDump(contents.warnings, contents.unread),
    process,
    edges: () => contents.edges,
    locate: (offset) => ({ region: regions.regionAt(offset) }),
    startsText: (offset) => regions.startsText(offset),
    textStarts: (wanted) => textStarts(file, contents.checkpoints, wanted),
    arrayAround: (extent) => arrayAround(file, extent),
    ownersOfUnnamed: true,
    *owners(runs, mayName, queries, threads) {
      const texts = yield* roleTexts.read(queries);
      const queried = new QueriedClasses(texts, contents, queries);
      if (runs.offsets.length === 0 && queried.isEmpty) return { left: 0, warnings: [] };
      const classes = yield* regions.classesInTurns();
      const roles = new FieldRoles(texts, contents.classNames);
      return yield* new HeapOwners(file, contents, classes, roles, threads).run(runs, mayName, queried);
    },
    *objectMarks(queries) {
      const queried = new QueriedClasses(yield* roleTexts.read(queries), contents, queries);
      if (queried.isEmpty) return undefined;
      const classes = yield* regions.classesInTurns();
      // A class without its dump may be a subclass.
      if (classes.size < contents.classNames.size) return undefined;
      return objectMarks(file, queried.find(classes).ids);
    },
    completeNames: () => regions.completeNames(),
  };
}

function withoutHeader({ length }: ByteReader): ParsedDump {
  const message =
    'the header of this heap dump is cut or damaged: swept as plain bytes, without classes and fields';
  const hint = 'get a whole copy';
  const reason = 'the header of the heap dump is cut or damaged: its records are unknown';
  return rawDump(
    [warnings.of('format-not-parsed', { message, hint, offset: 0, length })],
    [{ offset: length, length: null, reason }],
  );
}

/** Bytes before and after the start of the extent in which an array may begin. */
const BEFORE = 24;
const AFTER = 8;
/** Element types of big integers: byte, int, long. */
const INTEGERS: readonly number[] = [8, 10, 11];

/**
 * The primitive array that contains an extent and begins near its start. It is recognised by what precedes
 * its elements, HPROF_GC_PRIM_ARRAY_DUMP {id, stack u4, count u4, type u1}, without a walk over the records;
 * the result can be a false positive. The extent may exceed the array by 8 bytes, since runs are measured in
 * words.
 */
function arrayAround(file: HprofFile, { offset, length }: Extent): HeapArray | undefined {
  const head = 10 + file.header.idSize;
  const last = Math.min(offset + AFTER, file.length);
  const first = Math.max(offset - BEFORE, head);
  if (first > last || !file.has(first - head, last - first + head)) return undefined;
  for (let start = last; start >= first; start--) {
    const type = file.u8(start - 1);
    if (file.u8(start - head) !== SUB.PRIM_ARRAY_DUMP || !INTEGERS.includes(type)) continue;
    const elementSize = sizeOfType(type, 4);
    const size = elementSize * file.u32(start - 5);
    const end = start + size;
    if (end <= file.length && end + 8 >= offset + length) return { offset: start, length: size, elementSize };
  }
  return undefined;
}

const FRONT = 3;
/** Bytes of a text that is worth a look: shorter ones hold no secret that the value net finds. */
const SHORTEST = 16;
/** Printable ASCII. */
const isPrintable = (byte: number): boolean => byte > 0x20 && byte < 0x7f;

/**
 * Texts of HPROF_UTF8 records whose identifier ends with what looks like a character of the text, and whose
 * first three characters are wanted.
 */
function textStarts(file: HprofFile, checkpoints: Checkpoints, wanted: TextFronts): Extent[] {
  const { idSize } = file.header;
  const texts: Extent[] = [];
  const take: BufferedRecord = (bytes, body, end, base) => {
    const at = body + idSize;
    if (end - at < SHORTEST || !isPrintable(bytes[at - 1]!)) return;
    if (wanted(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!))
      texts.push({ offset: base + at, length: end - at });
  };
  const bytes = new Uint8Array(idSize + FRONT);
  walk(file, checkpoints, checkpoints.before(0), file.length, {
    skipTag: TAG.UTF8,
    skipping: take,
    record({ tag, body, end }) {
      if (tag !== TAG.UTF8 || !file.has(body, bytes.length)) return false;
      file.copy(body, bytes);
      take(bytes, 0, end - body, body);
      return false;
    },
  });
  return texts;
}

/** Classes: the sweep searches for each, and a walk over all objects costs as much as ten of them. */
const MOST = 8;
/** Places that are read to learn which bytes are rare, and bytes of each. */
const SAMPLES = { places: 32, bytes: 4096 };
/** Share of a byte in the file with which a search from it is as slow as a walk. */
const FREQUENT = 1 / 64;
/** The low half of an identifier; its last byte alone is a multiple of 8. */
const LOW = { first: -4, last: -2 };

/**
 * What is at the head of each instance of these classes, HPROF_GC_INSTANCE_DUMP {tag u1, id, stack u4, class
 * id}: the tag and the class. Undefined if a search for that takes longer than a walk over the objects.
 */
function objectMarks(file: HprofFile, classIds: IdTable): Mark[] | undefined {
  if (classIds.count === 0 || classIds.count > MOST) return undefined;
  const { idSize } = file.header;
  const shareOf = sharesOfBytes(file);
  const marks: Mark[] = [];
  for (let index = 0; index < classIds.count; index++) {
    const whole = Buffer.alloc(8);
    whole.writeUInt32BE(classIds.high[index]!, 0);
    whole.writeUInt32BE(classIds.low[index]!, 4);
    const bytes = Uint8Array.from(whole.subarray(8 - idSize));
    let rare = idSize + LOW.first;
    for (let at = rare; at <= idSize + LOW.last; at++)
      if (shareOf(bytes[at]!) < shareOf(bytes[rare]!)) rare = at;
    if (shareOf(bytes[rare]!) > FREQUENT) return undefined;
    marks.push({ bytes, rare, behind: { byte: SUB.INSTANCE_DUMP, distance: 5 + idSize } });
  }
  return marks;
}

/** Share of each byte in samples of the file. */
function sharesOfBytes(file: HprofFile): (byte: number) => number {
  const counts = new Uint32Array(256);
  const step = Math.max(SAMPLES.bytes, Math.floor(file.length / SAMPLES.places));
  let all = 0;
  for (let at = 0; at < file.length; at += step)
    for (const byte of readBytes(file.reader, at, Math.min(SAMPLES.bytes, file.length - at))) {
      counts[byte]!++;
      all++;
    }
  return (byte) => counts[byte]! / all;
}

/** Texts of HPROF_UTF8 records that are in a set, by identifier; classes with dots, as in Java. */
function* knownTexts(
  file: HprofFile,
  checkpoints: Checkpoints,
  known: ReadonlySet<string>,
): Pausing<never, ReadonlyMap<Id, string>> {
  const { idSize } = file.header;
  const longest = Math.max(0, ...Array.from(known, ({ length }) => length));
  const texts = new Map<Id, string>();
  const add = (body: number, text: string): void => {
    const word = text.replaceAll('/', '.');
    if (known.has(word)) texts.set(file.id(body), word);
  };
  yield* walkRecords(file, checkpoints, {
    skipTag: TAG.UTF8,
    skipping: (bytes, body, end, base) => {
      if (end - body - idSize > longest) return;
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + body + idSize, end - body - idSize);
      add(base + body, text.toString('latin1'));
    },
    record: ({ tag, body, end }) => {
      const length = end - body - idSize;
      if (tag === TAG.UTF8 && length >= 0 && length <= longest && file.has(body, idSize + length))
        add(body, file.text(body + idSize, length));
      return false;
    },
  });
  return texts;
}

/** Texts of the words that roles of fields and queries have; those of the last queries are kept. */
class RoleTexts {
  readonly #file: HprofFile;
  readonly #checkpoints: Checkpoints;
  #words: ReadonlySet<string> = new Set();
  #texts: ReadonlyMap<Id, string> = new Map();

  constructor(file: HprofFile, checkpoints: Checkpoints) {
    this.#file = file;
    this.#checkpoints = checkpoints;
  }

  /** All of them, by identifier, and perhaps others. */
  *read(queries: readonly ObjectQuery[]): Pausing<never, ReadonlyMap<Id, string>> {
    const words = [...ROLE_WORDS, ...QueriedClasses.words(queries)];
    if (!words.every((word) => this.#words.has(word))) {
      const wanted = new Set(words);
      this.#texts = yield* knownTexts(this.#file, this.#checkpoints, wanted);
      this.#words = wanted;
    }
    return this.#texts;
  }
}
