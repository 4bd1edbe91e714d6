import { SeededRandom } from '../../../fixtures/random.js';

/** How a program holds a value. `link`: pointers lead to its name; `none`: the dump has no name. */
export interface Way {
  /** What holds it: class and collection. */
  way: string;
  /** Name of the field or key; of a decoy too. */
  name: string;
  form: 'text' | 'utf16be' | 'raw';
  group: 'link' | 'none' | 'decoy';
}

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A value of 24 to 43 random characters, or of 32 random bytes in hex. */
function plantedValue({ form }: Way, random: SeededRandom): string {
  // A first byte that is no sign, and no zero that BigInteger drops.
  if (form === 'raw') return Buffer.from([0x40 + random.below(63), ...random.bytes(31)]).toString('hex');
  return random.text(24 + random.below(20), ALPHANUMERIC);
}

/** The values of ways; `seed` decides what they are. */
export function plantedValues(ways: readonly Way[], seed: string): string[] {
  const random = new SeededRandom(seed);
  return ways.map((way) => plantedValue(way, random));
}

/** A way with its value, and where that is in the dump. */
export interface Planted extends Way {
  value: string;
  /** Bytes in the dump. */
  bytes: Buffer;
  offsets: number[];
}

export interface WaysDump {
  path: string;
  planted: Planted[];
}

function bytesOf({ form }: Way, value: string): Buffer {
  if (form === 'raw') return Buffer.from(value, 'hex');
  return form === 'text' ? Buffer.from(value) : Buffer.from(value, 'utf16le').swap16();
}

/** What was planted, and where it is in the dump. */
export const planted = (dump: Buffer, ways: readonly Way[], values: readonly string[]): Planted[] =>
  ways.map((way, i) => {
    const bytes = bytesOf(way, values[i]!);
    return { ...way, value: values[i]!, bytes, offsets: [...placesOf(dump, bytes)] };
  });

function* placesOf(dump: Buffer, bytes: Buffer): Generator<number> {
  for (let at = dump.indexOf(bytes); at >= 0; at = dump.indexOf(bytes, at + 1)) yield at;
}
