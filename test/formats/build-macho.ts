type Order = 'le' | 'be';

/** Bytes of integers in a byte order. */
export function ints(order: Order, ...values: readonly [size: 4 | 8, value: number | bigint][]): Buffer {
  return Buffer.concat(
    values.map(([size, value]) => {
      const bytes = Buffer.alloc(size);
      let rest = BigInt(value);
      for (let i = 0; i < size; i++, rest >>= 8n)
        bytes[order === 'le' ? i : size - 1 - i] = Number(rest & 255n);
      return bytes;
    }),
  );
}

const name16 = (text: string): Buffer =>
  Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(16 - text.length)]);

export interface Shape {
  bits: 32 | 64;
  order: Order;
  cputype: number;
  filetype?: number;
}

/** Writes Mach-O files (mach-o/loader.h): commands first, then their data. */
export class MachoBuilder {
  readonly shape: Shape;
  #commands: ((at: (index: number) => bigint) => Buffer)[] = [];
  #data: Buffer[] = [];

  constructor(shape: Shape) {
    this.shape = shape;
  }

  #int(...values: [4 | 8, number | bigint][]): Buffer {
    return ints(this.shape.order, ...values);
  }

  command(cmd: number, body: Buffer): this {
    this.#commands.push(() => Buffer.concat([this.#int([4, cmd], [4, 8 + body.length]), body]));
    return this;
  }

  segment(
    address: bigint,
    data: Buffer,
    { name = '', initprot = 3, vmsize = data.length, filesize = data.length } = {},
  ): this {
    const index = this.#data.push(data) - 1;
    const word = this.shape.bits === 64 ? 8 : 4;
    this.#commands.push((at) => {
      const sizes = [address, BigInt(vmsize), at(index), BigInt(filesize)].map((v) => this.#int([word, v]));
      const body = Buffer.concat([name16(name), ...sizes, this.#int([4, 7], [4, initprot], [4, 0], [4, 0])]);
      return Buffer.concat([this.#int([4, word === 8 ? 0x19 : 1], [4, 8 + body.length]), body]);
    });
    return this;
  }

  /** States of one thread: flavor and registers. */
  thread(...states: { flavor: number; words: Buffer }[]): this {
    const parts = states.map(({ flavor, words }) =>
      Buffer.concat([this.#int([4, flavor], [4, words.length / 4]), words]),
    );
    return this.command(4, Buffer.concat(parts));
  }

  /** A note whose data may contain its own file offset. */
  note(owner: string, data: (offset: bigint) => Buffer): this {
    const index = this.#data.push(data(0n)) - 1;
    this.#commands.push((at) => {
      this.#data[index] = data(at(index));
      const body = Buffer.concat([name16(owner), this.#int([8, at(index)], [8, this.#data[index]!.length])]);
      return Buffer.concat([this.#int([4, 0x31], [4, 8 + body.length]), body]);
    });
    return this;
  }

  /** File offset of the data of the nth segment or note. */
  offsets(): number[] {
    const head = this.#headLength();
    let at = head;
    return this.#data.map((data) => {
      const offset = at;
      at += data.length;
      return offset;
    });
  }

  #headLength(): number {
    return this.#headerSize() + this.#commands.reduce((sum, make) => sum + make(() => 0n).length, 0);
  }

  #headerSize(): number {
    return this.shape.bits === 64 ? 32 : 28;
  }

  done(): Buffer {
    const { bits, cputype, filetype = 4 } = this.shape;
    const offsets = this.offsets();
    const commands = this.#commands.map((make) => make((index) => BigInt(offsets[index]!)));
    const size = commands.reduce((sum, { length }) => sum + length, 0);
    const head = this.#int(
      [4, bits === 64 ? 0xfeedfacf : 0xfeedface],
      [4, cputype],
      [4, 3],
      [4, filetype],
      [4, commands.length],
      [4, size],
      [4, 0],
    );
    const reserved = bits === 64 ? [Buffer.alloc(4)] : [];
    return Buffer.concat([head, ...reserved, ...commands, ...this.#data]);
  }
}
