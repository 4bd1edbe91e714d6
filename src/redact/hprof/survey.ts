import type { Checkpoints } from '../../formats/hprof/records/checkpoints.js';
import { Classes } from '../../formats/hprof/records/classes.js';
import type { HprofFile, Id } from '../../formats/hprof/records/file.js';
import { TAG } from '../../formats/hprof/records/records.js';
import { readClassTables, SUB } from '../../formats/hprof/records/subrecords.js';
import { readSummary } from '../../formats/hprof/records/summary.js';
import { walk } from '../../formats/hprof/records/walk.js';
import type { HeapFacts } from '../core/planner.js';
import { refusals } from '../core/refusals.js';
import { eachName } from './record-fields.js';
import { SliceWalk } from './slices.js';

/** Bytes between pauses. */
const SLICE = 2 ** 24;
/** Names of classes, fields, methods and files; an application server has 500,000. */
const MAX_NAMES = 2 ** 21;
/** HEAP_DUMP_INFO of Android: heap u4, name id. */
const HEAP_DUMP_INFO = 0xfe;
/** Length of the longest name in a class file (JVMS, 4.4.7), in bytes. */
const LONGEST_NAME = 65_535;

const OBJECTS: ReadonlySet<number> = new Set([
  SUB.INSTANCE_DUMP,
  SUB.OBJ_ARRAY_DUMP,
  SUB.PRIM_ARRAY_DUMP,
  SUB.PRIM_ARRAY_NODATA,
]);

/** What must be known of a whole file before its first byte is copied. */
export class Survey {
  readonly file: HprofFile;
  readonly classes: Classes;
  readonly walk: SliceWalk;
  readonly heap: HeapFacts = { objects: 0, texts: 0, filledTexts: 0, damaged: 0 };
  readonly threads: number;
  /** End of the last record, past the end of the file if that is truncated. */
  end = 0;
  readonly #checkpoints: Checkpoints;
  readonly #names = new Set<Id>();
  readonly #files = new Set<Id>();

  private constructor(file: HprofFile) {
    const { checkpoints, threads } = readSummary(file);
    this.file = file;
    this.#checkpoints = checkpoints;
    this.classes = new Classes(file);
    this.walk = new SliceWalk(file, checkpoints);
    this.threads = threads.threads ?? 0;
  }

  static async of(file: HprofFile, pause: () => Promise<void>): Promise<Survey> {
    const survey = new Survey(file);
    for (let from = 0; from < file.length; from += SLICE) {
      survey.#slice(from, from + SLICE);
      await pause();
    }
    survey.#countTexts();
    return survey;
  }

  /** True if the text of an HPROF_UTF8 record is a name: of a class, field, method, file, thread or heap. */
  isName(id: Id, length: number): boolean {
    return length <= LONGEST_NAME && this.#names.has(id);
  }

  /** True if a name is that of a source file. */
  isFileName(id: Id): boolean {
    return this.#files.has(id);
  }

  #slice(from: number, to: number): void {
    const { file, heap } = this;
    const { idSize } = file.header;
    this.walk.slice(from, to, {
      record: (record) => {
        if (record.offset < from) return;
        this.end = record.end;
        eachName(file, record, (id, isFile) => {
          this.#add(id);
          if (isFile) this.#files.add(id);
        });
      },
      sub: (tag, offset, end) => {
        if (offset < from) return;
        if (OBJECTS.has(tag)) heap.objects++;
        else if (tag === SUB.CLASS_DUMP) this.#addClass(offset);
        else if (tag === HEAP_DUMP_INFO && file.has(end - idSize, idSize)) this.#add(file.id(end - idSize));
      },
      damaged: (offset, end) => {
        if (offset >= from) heap.damaged += Math.min(end, file.length) - offset;
      },
    });
  }

  #addClass(offset: number): void {
    const { file } = this;
    const { idSize } = file.header;
    this.classes.add(offset);
    const tables = readClassTables(file, offset, ({ nameAt }) => {
      if (nameAt !== undefined && file.has(nameAt, idSize)) this.#add(file.id(nameAt));
    });
    for (let index = 0; index < (tables?.count ?? 0); index++) {
      const at = tables!.fields + index * (idSize + 1);
      if (file.has(at, idSize)) this.#add(file.id(at));
    }
  }

  #add(name: Id): void {
    if (this.#names.size >= MAX_NAMES) throw refusals.tooLarge();
    this.#names.add(name);
  }

  /** Texts come before what refers to them, so that they are counted in a walk of their own. */
  #countTexts(): void {
    const { file, heap } = this;
    const { idSize, length } = file.header;
    walk(file, this.#checkpoints, { offset: length, heapEnd: 0 }, file.length, {
      record: ({ tag, body, end }) => {
        if (tag !== TAG.UTF8) return false;
        heap.texts++;
        const isRead = file.has(body, idSize);
        if (!isRead || !this.isName(file.id(body), end - body - idSize)) heap.filledTexts++;
        return false;
      },
    });
  }
}
