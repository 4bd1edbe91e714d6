import type { Warning } from '../../base/runtime/warnings.js';
import type { ProcessFacts } from '../../model/report.js';
import type { HprofFile, Id } from './file.js';
import { Marks } from './marks.js';
import { type HprofRecord, TAG } from './records.js';
import { walk } from './walk.js';
import { warnings } from './warnings.js';

/** Records that are walked when a dump is opened; a JVM writes some 100,000, nearly all of them names. */
const MAX_RECORDS = 2 ** 21;
const MAX_CLASSES = 2 ** 18;
const MAX_THREADS = 2 ** 16;
/** Names of threads that a report lists. */
const MAX_THREAD_NAMES = 256;

/** What the records of a file say, without a look into its heap dumps. */
export interface Contents {
  marks: Marks;
  /** LOAD_CLASS: a class's identifier to that of its name. */
  classNames: Map<Id, Id>;
  threads: Pick<ProcessFacts, 'threads' | 'threadNames'>;
  warnings: Warning[];
}

/** Walks the records once, from one to the next: heap dumps are skipped, not read. */
export function readContents(file: HprofFile): Contents {
  const marks = new Marks(file.header.length, file.length);
  const classNames = new Map<Id, Id>();
  const threads = new ThreadList(file);
  const found: Warning[] = [];
  let seen = 0;
  const isEnough = (count: number) => {
    seen += count;
    return seen >= MAX_RECORDS;
  };
  walk(file, marks, marks.before(0), file.length, {
    passes: TAG.UTF8,
    passed: isEnough,
    record(record) {
      if (record.tag === TAG.LOAD_CLASS && classNames.size < MAX_CLASSES) addClass(file, record, classNames);
      threads.take(record);
      if (record.end > file.length) found.push(truncated(file, record.offset, record.end));
      return isEnough(1);
    },
    lost: (offset) => found.push(damaged(file, offset)),
  });
  return { marks, classNames, threads: threads.facts(marks), warnings: found };
}

/** LOAD_CLASS: serial u4, class id, stack u4, name id. */
function addClass(file: HprofFile, { body }: HprofRecord, names: Map<Id, Id>): void {
  const { idSize } = file.header;
  if (file.has(body, 8 + 2 * idSize)) names.set(file.id(body + 4), file.id(body + 8 + idSize));
}

/** Texts of UTF8 records by their identifiers: one walk for all. */
export function readNames(file: HprofFile, marks: Marks, wanted: ReadonlySet<Id>): Map<Id, string> {
  const { idSize } = file.header;
  const names = new Map<Id, string>();
  if (wanted.size === 0) return names;
  walk(file, marks, marks.before(0), file.length, {
    record({ tag, body, end }) {
      if (tag !== TAG.UTF8 || end - body < idSize || !file.has(body, idSize)) return false;
      const id = file.id(body);
      if (!wanted.has(id)) return false;
      names.set(id, file.text(body + idSize, end - body - idSize));
      return names.size === wanted.size;
    },
  });
  return names;
}

/** Threads by the stack traces that name them, and by START_THREAD, which only HPROF agents before Java 9 write. */
class ThreadList {
  readonly #file: HprofFile;
  readonly #serials = new Set<number>();
  readonly #nameIds: Id[] = [];

  constructor(file: HprofFile) {
    this.#file = file;
  }

  take({ tag, body }: HprofRecord): void {
    this.#takers[tag]?.(body);
  }

  readonly #takers: Readonly<Record<number, (body: number) => void>> = {
    // TRACE: serial u4, thread serial u4, count u4, frame ids.
    5: (body) => {
      if (this.#file.has(body, 8)) this.#add(this.#file.u32(body + 4));
    },
    // START_THREAD: serial u4, object id, stack u4, name id, two ids of group names.
    [TAG.START_THREAD]: (body) => {
      const { idSize } = this.#file.header;
      if (!this.#file.has(body, 8 + 2 * idSize)) return;
      this.#add(this.#file.u32(body));
      if (this.#nameIds.length < MAX_THREAD_NAMES) this.#nameIds.push(this.#file.id(body + 8 + idSize));
    },
  };

  #add(serial: number): void {
    if (serial > 0 && this.#serials.size < MAX_THREADS) this.#serials.add(serial);
  }

  facts(marks: Marks): Contents['threads'] {
    const names = readNames(this.#file, marks, new Set(this.#nameIds));
    const threadNames = this.#nameIds.flatMap((id) => names.get(id) ?? []);
    return {
      ...(this.#serials.size === 0 ? {} : { threads: this.#serials.size }),
      ...(threadNames.length === 0 ? {} : { threadNames }),
    };
  }
}

const CUT =
  'get a whole copy: jmap may have been stopped, or the disk was full; what is there was searched whole';

function truncated(file: HprofFile, offset: number, end: number): Warning {
  const message = `the heap dump is cut: its last record, at offset ${offset}, lacks ${end - file.length} bytes`;
  return warnings.of('hprof-truncated', { message, hint: CUT, offset, length: file.length - offset });
}

function damaged(file: HprofFile, offset: number): Warning {
  const message = `no record starts at offset ${offset}, where one should: what follows was searched as plain bytes`;
  return warnings.of('hprof-truncated', { message, hint: CUT, offset, length: file.length - offset });
}
