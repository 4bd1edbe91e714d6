import { grown, nextCapacity } from '../core/base/bytes/growable-array.js';
import type { ContainerDecoder } from './containers/decoding/decoder.js';
import { LONGEST_NAME, type Member, MOST_MEMBERS, MOST_NAMES } from './containers/decoding/member.js';
import type { Selected } from './selection.js';

/** A column of numbers; absent ones are NaN. */
class Column {
  #numbers = new Float64Array(64);
  #capacity = 64;

  set(index: number, value: number | undefined): void {
    if (index >= this.#capacity) {
      this.#capacity = nextCapacity(this.#capacity, MOST_MEMBERS);
      this.#numbers = grown(this.#numbers, this.#capacity, MOST_MEMBERS);
    }
    this.#numbers[index] = value ?? Number.NaN;
  }

  at(index: number): number {
    return this.#numbers[index]!;
  }

  optional(index: number): number | undefined {
    const value = this.#numbers[index]!;
    return Number.isNaN(value) ? undefined : value;
  }
}

/** A member, how much of it is selected, and what decrypts its stored bytes. */
export type SelectedMember = Omit<Member, 'unlock' | 'problem' | 'doubt'> & {
  selected: Selected | undefined;
  decrypt: ContainerDecoder | undefined;
};

/** What few members have. */
type Others = Pick<SelectedMember, 'pieces' | 'selected' | 'decrypt' | 'isPlainToo'>;

/**
 * The members of an archive in columns, of a hundred bytes each: as objects, a quarter of a million of them
 * would take as much memory as all the rest of a scan.
 */
export class MemberList {
  length = 0;
  #names = new Uint8Array(4096);
  #namesCapacity = 4096;
  readonly #columns = {
    /** End of the name. */
    name: new Column(),
    offset: new Column(),
    stored: new Column(),
    length: new Column(),
    mtime: new Column(),
    crc32: new Column(),
    expected: new Column(),
    codec: new Column(),
  };
  readonly #codecs: string[] = [];
  readonly #others = new Map<number, Others>();

  /** `name`: of at most {@link LONGEST_NAME} bytes; it is copied. */
  add(member: SelectedMember): void {
    const { name, stored, length, mtime, expected, codec } = member;
    const { pieces, selected, decrypt, isPlainToo } = member;
    const index = this.length++;
    const columns = this.#columns;
    columns.name.set(index, this.#addName(this.#endOfName(index - 1), name));
    columns.offset.set(index, stored.offset);
    columns.stored.set(index, stored.length);
    columns.length.set(index, length);
    columns.mtime.set(index, mtime?.getTime());
    columns.crc32.set(index, expected?.crc32);
    columns.expected.set(index, expected?.length);
    columns.codec.set(index, codec === undefined ? undefined : this.#codecOf(codec));
    if (pieces ?? selected ?? decrypt ?? isPlainToo)
      this.#others.set(index, {
        ...{ selected, decrypt },
        ...(pieces && { pieces }),
        ...(isPlainToo && { isPlainToo }),
      });
  }

  at(index: number): SelectedMember {
    const columns = this.#columns;
    const member: SelectedMember = {
      name: this.nameAt(index),
      stored: this.storedAt(index),
      selected: undefined,
      decrypt: undefined,
      ...this.#others.get(index),
    };
    const [length, mtime, codec] = [columns.length, columns.mtime, columns.codec].map((c) =>
      c.optional(index),
    );
    if (length !== undefined) member.length = length;
    if (mtime !== undefined) member.mtime = new Date(mtime);
    if (codec !== undefined) member.codec = this.#codecs[codec]!;
    const [crc32, expected] = [columns.crc32.optional(index), columns.expected.optional(index)];
    if (crc32 === undefined && expected === undefined) return member;
    member.expected = {};
    if (crc32 !== undefined) member.expected.crc32 = crc32;
    if (expected !== undefined) member.expected.length = expected;
    return member;
  }

  nameAt(index: number): Uint8Array {
    return this.#names.slice(this.#endOfName(index - 1), this.#endOfName(index));
  }

  storedAt(index: number): Member['stored'] {
    return { offset: this.#columns.offset.at(index), length: this.#columns.stored.at(index) };
  }

  /** True if its stored bytes are left out of the archive's own sweep, until decoding them fails. */
  isLeftOutAt(index: number): boolean {
    return this.#others.get(index)?.isPlainToo !== true;
  }

  #endOfName(index: number): number {
    return index < 0 ? 0 : this.#columns.name.at(index);
  }

  /** Returns its end. */
  #addName(from: number, name: Uint8Array): number {
    const most = MOST_NAMES + LONGEST_NAME;
    const end = from + name.length;
    if (end > this.#namesCapacity) {
      while (end > this.#namesCapacity) this.#namesCapacity = Math.min(most, 2 * this.#namesCapacity);
      this.#names = grown(this.#names, this.#namesCapacity, most);
    }
    this.#names.set(name, from);
    return end;
  }

  #codecOf(name: string): number {
    const known = this.#codecs.indexOf(name);
    return known < 0 ? this.#codecs.push(name) - 1 : known;
  }
}
