import type { FieldReader } from '../../core/base/bytes/field-reader.js';
import type { FileSpan } from '../memory/file-spans.js';
import { type Directory, StreamType } from './directory.js';
import { countedList, location, type MinidumpFile, type StreamLocation } from './file.js';

/** Over all modules; Crashpad's own clients write some dozens. */
const MAX_ANNOTATIONS = 2 ** 16;
const MAX_MODULES = 2 ** 12;

/**
 * Crashpad's annotations (minidump_extensions.h), which may be anywhere in the file: a span for each value,
 * named by its key. MinidumpCrashpadInfo: version, two UUIDs, simple_annotations @36, module_list @44.
 */
export function crashpadSpans(file: MinidumpFile, { streams }: Directory): FileSpan[] {
  const stream = streams.get(StreamType.CrashpadInfoStream);
  const info = stream && file.fields(stream);
  if (info === undefined || info.length < 52) return [];
  const spans = new Annotations(file);
  spans.addDictionary(location(info, 36));
  // MinidumpModuleCrashpadInfoLink: module index, location.
  const { fields, entries } = countedList(file.fields(location(info, 44)), 12, MAX_MODULES);
  for (const at of entries) spans.addModule(file.fields(location(fields, at + 4)));
  return spans.found;
}

class Annotations {
  readonly found: FileSpan[] = [];
  readonly #file: MinidumpFile;

  constructor(file: MinidumpFile) {
    this.#file = file;
  }

  /**
   * MinidumpModuleCrashpadInfo: version, list_annotations @4, simple_annotations @12, annotation_objects @20.
   */
  addModule(module: FieldReader): void {
    if (module.length < 20) return;
    this.#addList(location(module, 4));
    this.addDictionary(location(module, 12));
    if (module.length >= 28) this.#addObjects(location(module, 20));
  }

  /** MinidumpSimpleStringDictionary: RVAs of key and value, both UTF-8. */
  addDictionary(dictionary: StreamLocation): void {
    this.#each(dictionary, 8, (fields, at) => this.#add(this.#file.utf8(fields.u32(at)), fields.u32(at + 4)));
  }

  /** MinidumpRVAList: RVAs of UTF-8 strings without a key. */
  #addList(list: StreamLocation): void {
    this.#each(list, 4, (fields, at) => this.#add(undefined, fields.u32(at)));
  }

  /** MinidumpAnnotationList: RVA of the name, type and padding (u16 each), RVA of a MinidumpByteArray. */
  #addObjects(list: StreamLocation): void {
    this.#each(list, 12, (fields, at) => this.#add(this.#file.utf8(fields.u32(at)), fields.u32(at + 8)));
  }

  #each(list: StreamLocation, size: number, visit: (fields: FieldReader, at: number) => void): void {
    const limit = MAX_ANNOTATIONS - this.found.length;
    const { fields, entries } = countedList(this.#file.fields(list), size, limit);
    for (const at of entries) visit(fields, at);
  }

  #add(key: string | undefined, rva: number): void {
    const name = key === undefined ? 'Crashpad annotation' : `Crashpad annotation ${key}`;
    this.found.push({ ...this.#file.stringExtent(rva), region: { kind: 'note', name } });
  }
}
