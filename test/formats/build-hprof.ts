/** Values of a class's static fields and types of its instance fields, by name. */
export interface ClassShape {
  id: number;
  name: string;
  superclass?: number;
  statics?: Record<string, { type: number; value: number }>;
  fields?: Record<string, number>;
  /** Value of its one constant, an int. */
  constant?: number;
}

const SIZES: Record<number, number> = { 4: 1, 5: 2, 6: 4, 7: 8, 8: 1, 9: 2, 10: 4, 11: 8 };

/** Writes HPROF files (hprof_b_spec.h), record by record, valid or not. */
export class HprofBuilder {
  readonly idSize: 4 | 8;
  #parts: Buffer[] = [];
  #length = 0;
  #nextName = 0x7000;
  #names = new Map<string, number>();
  #heap: Buffer[] = [];
  /** Bytes of the heap dump that is being written. */
  #heapLength = 0;

  constructor(idSize: 4 | 8 = 8, version = '1.0.2', time = 1_700_000_000_123n) {
    this.idSize = idSize;
    this.#add(Buffer.from(`JAVA PROFILE ${version}\0`, 'latin1'), this.u4(idSize), this.u8(time));
  }

  u1 = (value: number): Buffer => Buffer.from([value]);
  u2 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
  u4(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  }
  u8(value: bigint): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(value);
    return bytes;
  }
  id = (value: number): Buffer => (this.idSize === 4 ? this.u4(value) : this.u8(BigInt(value)));
  value = (type: number, value: number): Buffer => {
    if (type === 2) return this.id(value);
    const bytes = Buffer.alloc(SIZES[type] ?? 0);
    bytes.writeUIntBE(value, Math.max(0, bytes.length - 6), Math.min(6, bytes.length));
    return bytes;
  };

  get length(): number {
    return this.#length;
  }

  #add(...parts: Buffer[]): void {
    for (const part of parts) {
      this.#parts.push(part);
      this.#length += part.length;
    }
  }

  /** Writes a record and returns the offset of its body. `length`: the value of its length field. */
  record(tag: number, body: Buffer, length = body.length): number {
    this.#add(this.u1(tag), this.u4(0), this.u4(length));
    const at = this.#length;
    this.#add(body);
    return at;
  }

  /** The identifier of a name; its HPROF_UTF8 record is written at its first use. */
  name(text: string, id = this.#nextName): number {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    this.#nextName += 8;
    this.#names.set(text, id);
    this.record(0x01, Buffer.concat([this.id(id), Buffer.from(text)]));
    return id;
  }

  /** HPROF_LOAD_CLASS, without the class dump. */
  loadClass({ id, name }: Pick<ClassShape, 'id' | 'name'>): void {
    const nameId = this.name(name);
    this.record(0x02, Buffer.concat([this.u4(1), this.id(id), this.u4(0), this.id(nameId)]));
  }

  /** Adds a sub-record to the heap dump that is being written; returns its offset in the body. */
  sub(...parts: Buffer[]): number {
    const at = this.#heapLength;
    for (const part of parts) {
      this.#heap.push(part);
      this.#heapLength += part.length;
    }
    return at;
  }

  classDump({ id, superclass = 0, statics = {}, fields = {}, constant = 5 }: ClassShape): number {
    const staticFields = Object.entries(statics).map(([name, { type, value }]) =>
      Buffer.concat([this.id(this.name(name)), this.u1(type), this.value(type, value)]),
    );
    const instanceFields = Object.entries(fields).map(([name, type]) =>
      Buffer.concat([this.id(this.name(name)), this.u1(type)]),
    );
    return this.sub(
      ...[this.u1(0x20), this.id(id), this.u4(0), this.id(superclass)],
      ...[0, 0, 0, 0, 0].map(this.id),
      ...[this.u4(0), this.u2(1), this.u2(7), this.u1(10), this.u4(constant)],
      ...[this.u2(staticFields.length), ...staticFields],
      ...[this.u2(instanceFields.length), ...instanceFields],
    );
  }

  instance(id: number, classId: number, data: Buffer): number {
    return this.sub(this.u1(0x21), this.id(id), this.u4(0), this.id(classId), this.u4(data.length), data);
  }

  objectArray(id: number, classId: number, elements: readonly number[]): number {
    const head = [this.u1(0x22), this.id(id), this.u4(0), this.u4(elements.length), this.id(classId)];
    return this.sub(...head, ...elements.map(this.id));
  }

  /** `bytes`: the elements, as in the file. */
  primitiveArray(id: number, type: number, bytes: Buffer, count = bytes.length / SIZES[type]!): number {
    return this.sub(this.u1(0x23), this.id(id), this.u4(0), this.u4(count), this.u1(type), bytes);
  }

  /** Ends the heap dump that is being written; returns the offset of its body. */
  heap(tag: 0x0c | 0x1c = 0x1c, length = this.#heapLength): number {
    const body = Buffer.concat(this.#heap);
    this.#heap = [];
    this.#heapLength = 0;
    return this.record(tag, body, length);
  }

  done(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
