import { CachedReader } from '../../../core/base/bytes/cached-reader.js';
import { FieldReader } from '../../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import type { Extent, Unread } from '../../../core/model/report.js';
import { lackingUpTo } from '../../memory/promised.js';
import { readBytes } from '../../memory/read.js';

/** Magic, version and number of groups (u32 each); then groups: a name, where its tags are, their length. */
const HEADER = 12;
const GROUP = { size: 80, tags: 64 };
/** A state has some dozens of groups, and some thousands of tags in all. */
const MAX_GROUPS = 4096;
const MAX_TAGS = 2 ** 16;
/** Compressed tags that are listed one by one. */
const MAX_RANGES = 64;
/** Flags, length of the name; then name, indices, two lengths of the data and that of its padding. */
const LONGEST_TAG = 2 + 255 + 3 * 4 + 2 * 8 + 2;
/** Sizes of data that follow as numbers. */
const EXTENDED = 0x3e;

interface Tag {
  /** File offset of its data. */
  data: bigint;
  /** Bytes of it in the file. */
  length: bigint;
  /** Bytes of it in memory. */
  inMemory: bigint;
}

/**
 * What a suspended state or snapshot of VMware lacks of the tags that it lists (volatility3,
 * layers/vmware.py).
 */
export function lackingOfState(reader: ByteReader): Unread[] {
  const header = readBytes(reader, 0, HEADER);
  if (header.length < HEADER) return lackingUpTo(HEADER, reader, 'its header');
  const groups = new FieldReader(header, 'le').u32(8);
  const end = HEADER + groups * GROUP.size;
  if (end > reader.length) return lackingUpTo(end, reader, 'its list of groups');
  if (groups > MAX_GROUPS) return [unknown(8)];
  const table = new FieldReader(readBytes(reader, HEADER, end - HEADER), 'le', HEADER);
  const cached = new CachedReader(reader);
  // Sizes have 4 bytes in the first version, 8 in the others.
  const word = header[0] === 0xd0 ? 4 : 8;
  const lacking: Unread[] = [];
  let tags = 0;
  for (let group = 0; group < groups; group++) {
    for (let at = table.u64(group * GROUP.size + GROUP.tags); ; ) {
      if (at + 2n > reader.length) return [...lacking, ...lackingUpTo(at + 2n, reader, 'its list of tags')];
      const tag = readTag(cached.read(Number(at), LONGEST_TAG), at, word);
      if (tag === 'last') break;
      if (tag === undefined || ++tags > MAX_TAGS) return [...lacking, unknown(Number(at))];
      at = tag.data + tag.length;
      if (tag.length < tag.inMemory && at <= reader.length) addCompressed(lacking, tag);
    }
  }
  return lacking;
}

/** `last`: the mark behind the last tag. Undefined if it is not whole. */
function readTag(bytes: Uint8Array, offset: bigint, word: 4 | 8): Tag | 'last' | undefined {
  const [flags, name] = [bytes[0]!, bytes[1]!];
  if (flags === 0 && name === 0) return 'last';
  const at = 2 + name + 4 * ((flags >> 6) & 3);
  const size = BigInt(flags & 0x3f);
  if (size < EXTENDED) return { data: offset + BigInt(at), length: size, inMemory: size };
  const padding = at + 2 * word;
  if (padding + 2 > bytes.length) return undefined;
  const fields = new FieldReader(bytes, 'le');
  const [length, inMemory] = [at, at + word].map((each) =>
    word === 4 ? BigInt(fields.u32(each)) : fields.u64(each),
  );
  const data = offset + BigInt(padding + 2 + fields.u16(padding));
  return { data, length: length!, inMemory: inMemory! };
}

const unknown = (offset: number): Unread => {
  const reason = 'a group or tag of the VMware state is cut or damaged: memory may be lost';
  return { offset, length: null, reason };
};

/** Adds the data of a compressed tag; from {@link MAX_RANGES} on the last range has that of all others. */
function addCompressed(lacking: Unread[], { data, length }: Tag): void {
  const reason = 'a tag of the VMware state is compressed: it was not decoded';
  const range = { offset: Number(data), length: Number(length), reason };
  const last = lacking.at(-1);
  if (last === undefined || lacking.length < MAX_RANGES) lacking.push(range);
  else Object.assign(last, spanOf(last, range));
}

/** The range from the first byte to the last of two. */
function spanOf(a: Unread, b: Extent): Extent {
  const offset = Math.min(a.offset, b.offset);
  return { offset, length: Math.max(a.offset + (a.length ?? 0), b.offset + b.length) - offset };
}
