import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { elfCore } from '../../../formats/elf/core.js';
import { minidump } from '../../../formats/minidump/minidump.js';
import type { Fill } from '../../core/fill.js';
import { elfStructure } from './elf.js';
import { minidumpStructure } from './minidump.js';

/** Fills by the format's name in reports. */
const STRUCTURES: Readonly<Record<string, (reader: ByteReader) => Generator<Fill>>> = {
  [elfCore.name]: elfStructure,
  [minidump.name]: minidumpStructure,
};

/** What a dump holds of its process besides memory, without what a debugger unwinds with. */
export function* structureFills(reader: ByteReader, format: string): Generator<Fill> {
  yield* STRUCTURES[format]?.(reader) ?? [];
}
