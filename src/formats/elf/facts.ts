import type { CachedReader } from '../../core/base/bytes/cached-reader.js';
import { FieldReader, OutOfBounds } from '../../core/base/bytes/field-reader.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { Warning } from '../../core/base/runtime/warnings.js';
import type { Extent, ProcessFacts, Region } from '../../core/model/report.js';
import type { FileSpan } from '../memory/file-spans.js';
import type { FileMapping } from '../memory/process-map.js';
import { BSD_HANDLERS } from './bsd-notes.js';
import type { ElfHeader } from './header.js';
import { LINUX_HANDLERS } from './linux-notes.js';
import { holdsRegisters, noteName } from './note-names.js';
import { malformedNote, type Note, walkNotes } from './notes.js';
import { warnings } from './warnings.js';

export interface Thread {
  id: number;
  /** Stack pointer. */
  sp?: bigint;
}

/** What the notes of a core say about the process. */
export interface CoreFacts {
  process: ProcessFacts;
  threads: Thread[];
  /** NT_FILE, as listed. */
  mappings: FileMapping[];
  /** False without an NT_FILE note; anonymous memory then cannot be distinguished from file mappings. */
  hasFileList: boolean;
  /** Bytes of NT_AUXV. The kernel put the same bytes on the main thread's stack. */
  auxv: Uint8Array;
  /** True for a core of a machine: addresses are p_paddr. */
  physical: boolean;
  spans: FileSpan[];
  warnings: Warning[];
}

/** Reads one type of note into the facts. `fields`: the descriptor, truncated at {@link MAX_DESC}. */
export type NoteHandler = (facts: CoreFacts, fields: FieldReader, note: Note, header: ElfHeader) => void;

/** Handlers by `owner:type`; `owner:*` handles every other type. */
export type NoteHandlers = Readonly<Record<string, NoteHandler>>;

const HANDLERS: NoteHandlers = { ...LINUX_HANDLERS, ...BSD_HANDLERS };

/** Owners of notes in dumps of whole machines only. */
const MACHINE_OWNERS: ReadonlySet<string> = new Set(['QEMU', 'VMCOREINFO', 'VBCORE', 'VBCPU']);

/** Linux writes about ten notes per thread: enough for 25,000 threads. */
const MAX_NOTES = 2 ** 18;
const MAX_WARNINGS = 16;
/** The longest descriptor is that of NT_FILE, which Linux limits to 4 MiB by default. */
const MAX_DESC = 16 * 1024 * 1024;

/** Reads every note of a core. A malformed note becomes a region without facts. */
export function readFacts(pages: CachedReader, header: ElfHeader, segments: readonly Extent[]): CoreFacts {
  const facts: CoreFacts = {
    process: { bits: header.bits, endian: header.endian },
    threads: [],
    mappings: [],
    hasFileList: false,
    auxv: new Uint8Array(0),
    physical: false,
    spans: [],
    warnings: [],
  };
  for (const segment of segments) {
    for (const note of walkNotes((offset, length) => pages.read(offset, length), segment, header.endian)) {
      if (facts.spans.length >= MAX_NOTES) break;
      readNote(pages, header, facts, note);
    }
  }
  if (facts.spans.length >= MAX_NOTES) {
    const message = `notes beyond the first ${MAX_NOTES} were swept without being read`;
    facts.warnings.push(warnings.of('notes-capped', { message, hint: 'the core is damaged or hostile' }));
  }
  facts.process.threads = facts.threads.length;
  return facts;
}

function readNote(pages: CachedReader, header: ElfHeader, facts: CoreFacts, note: Note): void {
  if (MACHINE_OWNERS.has(note.owner)) facts.physical = true;
  const handler = HANDLERS[`${note.owner}:${note.type}`] ?? HANDLERS[`${note.owner}:*`];
  if (handler !== undefined) {
    const bytes = pages.read(note.desc.offset, Math.min(note.desc.length, MAX_DESC));
    readOrWarn(facts, note, header, () =>
      handler(facts, new FieldReader(bytes, header.endian, note.desc.offset), note, header),
    );
  }
  const name = noteName(note.owner, note.type, header.machine);
  facts.spans.push({ ...note.extent, region: noteRegion(facts, note, name) });
}

function readOrWarn(facts: CoreFacts, note: Note, header: ElfHeader, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof OutOfBounds)) throw error;
    const message = `${noteName(note.owner, note.type, header.machine)} is shorter than its structure`;
    if (facts.warnings.length < MAX_WARNINGS) {
      facts.warnings.push(malformedNote(note, message));
    }
  }
}

/** Register notes belong to the thread of the preceding NT_PRSTATUS, unless their owner names a thread. */
function noteRegion(facts: CoreFacts, note: Note, name: string): Region {
  if (!holdsRegisters(note.owner, note.type)) return { kind: 'note', name };
  const thread = note.thread ?? facts.threads.at(-1)?.id;
  return definedFields({ kind: 'register', name, thread });
}
