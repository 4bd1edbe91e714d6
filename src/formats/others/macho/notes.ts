import { FieldReader } from '../../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import type { Extent } from '../../../core/model/report.js';
import { readBytes } from '../../memory/read.js';
import { decodeCString, decodeText } from '../../memory/text.js';
import { LC, type LoadCommand, type MachHeader } from './header.js';

/** LC_NOTE: data_owner (16 bytes), offset u64, size u64. */
export interface MachNote extends Extent {
  owner: string;
}

/** An image of the note "all image infos". */
export interface ListedImage {
  path: string;
  base: bigint;
  /** LC_UUID, in lower-case hexadecimal. */
  buildId?: string;
}

const NOTE_SIZE = 40;
const MAX_JSON = 4 * 1024 * 1024;
const MAX_IMAGES = 2 ** 16;
const MAX_PATH = 4096;
/** struct image_entry: path offset u64, uuid, load address u64, segments' offset u64, two u32. */
const ENTRY_MIN = 32;
const UNKNOWN = 2n ** 64n - 1n;

export function readNotes(commands: readonly LoadCommand[], fileLength: number): MachNote[] {
  return commands.flatMap(({ cmd, fields }) => {
    if (cmd !== LC.NOTE || fields.length < NOTE_SIZE) return [];
    const [offset, length] = [fields.u64(24), fields.u64(32)];
    if (offset >= BigInt(fileLength)) return [];
    const most = fileLength - Number(offset);
    return [
      {
        owner: fields.cstring(8, 16),
        offset: Number(offset),
        length: length > BigInt(most) ? most : Number(length),
      },
    ];
  });
}

/** `threads[].thread_id` of the note "process metadata", which is JSON. */
export function threadIds(reader: ByteReader, notes: readonly MachNote[]): number[] {
  const note = notes.find(({ owner }) => owner === 'process metadata');
  if (note === undefined) return [];
  try {
    const text = decodeText(readBytes(reader, note.offset, Math.min(note.length, MAX_JSON))).replace(
      /\0+$/,
      '',
    );
    const { threads } = JSON.parse(text) as { threads?: unknown };
    if (!Array.isArray(threads)) return [];
    const ids = threads.map((thread: unknown) => (thread as { thread_id?: unknown } | null)?.thread_id);
    return ids.every((id) => Number.isSafeInteger(id)) ? (ids as number[]) : [];
  } catch {
    return []; // Not JSON: threads are numbered from 0.
  }
}

/**
 * Note "all image infos" (lldb, ObjectFileMachO): version u32, count u32, file offset of entries u64, entry
 * size u32.
 */
export function listedImages(
  reader: ByteReader,
  notes: readonly MachNote[],
  { endian }: MachHeader,
): ListedImage[] {
  const note = notes.find(({ owner }) => owner === 'all image infos');
  if (note === undefined || note.length < 20) return [];
  const head = new FieldReader(readBytes(reader, note.offset, 24), endian, note.offset);
  if (head.length < 20 || head.u32(0) !== 1) return [];
  const [count, entries, size] = [head.u32(4), head.u64(8), head.u32(16)];
  if (size < ENTRY_MIN || size > 4096 || entries >= BigInt(reader.length)) return [];
  const images: ListedImage[] = [];
  const table = readBytes(reader, Number(entries), Math.min(count, MAX_IMAGES) * size);
  for (let at = 0; at + ENTRY_MIN <= table.length; at += size) {
    const entry = new FieldReader(table.subarray(at, at + size), endian);
    const base = entry.u64(24);
    const pathAt = entry.u64(0);
    if (base === UNKNOWN || pathAt >= BigInt(reader.length)) continue;
    const path = decodeCString(readBytes(reader, Number(pathAt), MAX_PATH));
    const uuid = Buffer.from(entry.slice(8, 16)).toString('hex');
    images.push({ path, base, ...(/^0+$/.test(uuid) ? {} : { buildId: uuid }) });
  }
  return images;
}
