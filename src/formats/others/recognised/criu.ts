import { FieldReader } from '../../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import type { Unread } from '../../../core/model/report.js';
import { hasMagic } from '../../memory/magic.js';
import { lackingUpTo } from '../../memory/promised.js';
import { readBytes } from '../../memory/read.js';
import type { Companion } from '../../memory/types.js';

/** Magics of CRIU (criu/include/magic.h): images but the inventory have one that is common to all. */
const COMMON = '\x19\x43\x56\x54';
const INVENTORY = '\x16\x31\x31\x58';
/** Bytes of an image that are read; a page map has 16 for each range of pages. */
const MAX_IMAGE = 2 * 2 ** 20;
/** Sizes of a page: 4 KiB; of some Arm and POWER machines 16 or 64 KiB. */
const PAGES = [4096, 16_384, 65_536];
/** Flags of a range (criu/include/pagemap.h): it is in an earlier dump; it is in this one. */
const [PE_PARENT, PE_PRESENT] = [1, 4];
/** TASK_DEAD (criu/include/pstree.h): a zombie has no memory. */
const DEAD = 2;

/** Entries of an image, each as the fields of a protobuf. `name`: that of the image. */
type Promises = (entries: readonly ProtobufFields[], name: string) => Companion[];

/** The companions of an image by its own magic. */
const IMAGES: readonly [magic: string, promises: Promises][] = [
  [INVENTORY, () => [{ name: 'pstree.img', holds: 'the list of processes' }]],
  // PSTREE_MAGIC; pstree_entry: pid 1.
  ['\x30\x30\x27\x50', (entries) => entries.flatMap(({ numbers }) => coreOf(numbers[1]))],
  // CORE_MAGIC; core_entry: tc 3, which threads but the first lack; task_core_entry: task_state 1.
  ['\x47\x38\x05\x55', ([core], name) => memoryOf(core, name)],
  // MM_MAGIC
  ['\x20\x28\x49\x57', (_, name) => renamed(name, 'mm', 'pagemap', 'the map of its pages')],
  // PAGEMAP_MAGIC; pagemap_head: pages_id 1; pagemap_entry: nr_pages 2, in_parent 3, flags 4.
  ['\x25\x40\x08\x56', ([head, ...ranges]) => pagesOf(head, ranges)],
];

const coreOf = (pid: number | undefined): Companion[] =>
  pid === undefined ? [] : [{ name: `core-${pid}.img`, holds: `the registers of process ${pid}` }];

function memoryOf(core: ProtobufFields | undefined, name: string): Companion[] {
  const task = core?.bytes[3];
  if (task === undefined || protobufFields(task)?.numbers[1] === DEAD) return [];
  return renamed(name, 'core', 'mm', 'the list of its memory');
}

/** `from-PID.img` as `to-PID.img`. */
function renamed(name: string, from: string, to: string, holds: string): Companion[] {
  const [, pid] = new RegExp(`^${from}-(\\d+)\\.img$`).exec(name) ?? [];
  return pid === undefined ? [] : [{ name: `${to}-${pid}.img`, holds }];
}

function pagesOf(head: ProtobufFields | undefined, ranges: readonly ProtobufFields[]): Companion[] {
  const id = head?.numbers[1];
  if (id === undefined) return [];
  let pages = 0;
  for (const { numbers } of ranges) {
    const flags = numbers[4] ?? (numbers[3] ? PE_PARENT : PE_PRESENT);
    if ((flags & PE_PRESENT) !== 0 && (flags & PE_PARENT) === 0) pages += numbers[2] ?? 0;
  }
  const sizes = PAGES.map((size) => size * pages);
  return pages === 0 ? [] : [{ name: `pages-${id}.img`, sizes, holds: `${pages} pages of its memory` }];
}

export const isCriuImage = (head: Uint8Array): boolean => hasMagic(head, COMMON) || hasMagic(head, INVENTORY);

/** What a CRIU image lacks of its own, and the images that it promises beside it. */
export function criuImage(reader: ByteReader): {
  unread: Unread[];
  companions?: (name: string) => Companion[];
} {
  const bytes = readBytes(reader, 0, MAX_IMAGE);
  const start = hasMagic(bytes, COMMON) ? 4 : 0;
  const promises = IMAGES.find(([magic]) => hasMagic(bytes, magic, start))?.[1];
  if (promises === undefined)
    return { unread: bytes.length < start + 4 ? lackingUpTo(start + 4, reader, 'its magic') : [] };
  const entries: ProtobufFields[] = [];
  let at = start + 4;
  while (at + 4 <= bytes.length) {
    const length = new FieldReader(bytes, 'le').u32(at);
    const entry = protobufFields(bytes.subarray(at + 4, at + 4 + length));
    if (at + 4 + length > bytes.length || entry === undefined) break;
    entries.push(entry);
    at += 4 + length;
  }
  const companions = (name: string) => promises(entries, name);
  if (at === reader.length) return { unread: [], companions };
  const isLong = at <= MAX_IMAGE && reader.length > MAX_IMAGE;
  const what = isLong ? 'is longer than 2 MiB' : 'is cut or damaged';
  const reason = `an entry of the CRIU image ${what}: the images that belong to it are unknown`;
  return { unread: [{ offset: at, length: null, reason }], companions };
}

/** Fields of a message by their numbers, up to {@link MAX_FIELD}; of a repeated one the last. */
interface ProtobufFields {
  numbers: readonly (number | undefined)[];
  bytes: readonly (Uint8Array | undefined)[];
}

const MAX_FIELD = 15;
/** Wire types (protobuf.dev, "Encoding"). */
const [VARINT, I64, LEN, I32] = [0, 1, 2, 5];

/** Reads the fields of one message; undefined if it is none. */
function protobufFields(message: Uint8Array): ProtobufFields | undefined {
  const numbers: (number | undefined)[] = [];
  const bytes: (Uint8Array | undefined)[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < message.length; scale *= 128) {
      const byte = message[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  while (at < message.length) {
    const key = varint();
    const [field, type] = [Math.floor(key / 8), key % 8];
    const value = type === VARINT || type === LEN ? varint() : 0;
    const length = type === LEN ? value : type === I64 ? 8 : type === I32 ? 4 : 0;
    if (Number.isNaN(value) || !(type === VARINT || length > 0 || type === LEN)) return undefined;
    if (!(at + length <= message.length)) return undefined;
    if (field <= MAX_FIELD && type === VARINT) numbers[field] = value;
    if (field <= MAX_FIELD && type === LEN) bytes[field] = message.subarray(at, at + length);
    at += length;
  }
  return { numbers, bytes };
}
