/** Bytes of floods, made piece by piece: 8 GB need no memory here either. */
const PIECE = 256 * 1024;

/** `unit` repeated: one piece of whole units. */
export function repeated(unit: Uint8Array): () => Iterable<Uint8Array> {
  return function* () {
    const piece = Buffer.alloc(Math.max(1, Math.floor(PIECE / unit.length)) * unit.length, unit);
    for (;;) yield piece;
  };
}

/** A new unit each time: pieces of about `PIECE` bytes. */
export function distinct(make: (index: number) => string | Uint8Array): () => Iterable<Uint8Array> {
  return function* () {
    for (let index = 0; ; ) {
      const parts: Uint8Array[] = [];
      for (let size = 0; size < PIECE; index++) {
        const unit = make(index);
        const part = typeof unit === 'string' ? Buffer.from(unit, 'latin1') : unit;
        parts.push(part);
        size += part.length;
      }
      yield Buffer.concat(parts);
    }
  };
}

const CYCLE = 64 * 1024 * 1024;

/** The output of `pieces`, its first bytes repeated: generating more takes longer than scanning it. */
export function cycled(pieces: () => Iterable<Uint8Array>, most = CYCLE): () => Iterable<Uint8Array> {
  return function* () {
    const made: Uint8Array[] = [];
    let size = 0;
    for (const piece of pieces()) {
      yield piece;
      made.push(piece);
      size += piece.length;
      if (size >= most) break;
    }
    for (;;) yield* made;
  };
}

/** Mulberry32: fast and reproducible, not for secrets. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
export const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function word(random: () => number, length: number, alphabet: string): string {
  let text = '';
  for (let i = 0; i < length; i++) text += alphabet[random() % alphabet.length];
  return text;
}

export function bytes(random: () => number, length: number): Buffer {
  const out = Buffer.alloc(length);
  for (let i = 0; i < length; i++) out[i] = random();
  return out;
}

export const seeded = (make: (random: () => number) => string | Uint8Array) => {
  const random = randomFrom(2);
  return distinct(() => make(random));
};

export const text = (unit: string) => repeated(Buffer.from(unit, 'latin1'));
export const hex = (digits: string) => repeated(Buffer.from(digits.replaceAll(' ', ''), 'hex'));
export const wide = (unit: string) => repeated(Buffer.from(unit, 'utf16le'));

/** A number of bytes, of 16M for instance. */
export function bytesOf(text: string): number {
  const [, number, unit = ''] = /^(\d+)([KMG]?)$/.exec(text) ?? [];
  if (number === undefined) throw new RangeError(`size ${text}: a number followed by K, M or G`);
  return Number(number) * { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[unit as '' | 'K' | 'M' | 'G'];
}
