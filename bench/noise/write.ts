/**
 * Writes noise with a key in it, or without one. The same arguments write the same bytes.
 *
 *   node dist/bench/noise/write.js KIND SIZE KEY SEED FILE     e.g. redis 4M p256-spki 1 /tmp/redis.bin
 *
 * Kinds: kinds.ts; keys: keys.ts, or `none`; sizes take K, M and G.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { KEYS, type KeyName } from './keys.js';
import { KINDS } from './kinds.js';
import { sizeOf } from './size.js';
import { RandomStream } from './stream.js';

export interface Noise {
  kind: string;
  /** Size in bytes. */
  size: number;
  /** A name of `KEYS`, or `none`. */
  key: string;
  seed: string;
}

export function writeNoise({ kind, size, key, seed }: Noise, file: string): void {
  const found = KINDS.find(({ name }) => name === kind);
  const place = Object.hasOwn(KEYS, key) ? KEYS[key as KeyName] : undefined;
  if (found === undefined || (place === undefined && key !== 'none'))
    throw new RangeError(`no such kind or key: ${kind}, ${key}`);
  const { publicHalf, privateHalf } = place?.(seed) ?? { publicHalf: [], privateHalf: [] };
  const parts = [...partsAt(size / 4, publicHalf), ...partsAt(size / 2, privateHalf)];
  const random = new RandomStream(`${kind} ${seed}`);
  const out = openSync(file, 'w');
  for (let at = 0, index = 0; at < size; index++) {
    const block = found.block(random, index);
    at += writeSync(out, block, 0, Math.min(block.length, size - at));
    if (parts[0] !== undefined && at >= parts[0].from && at + parts[0].bytes.length <= size)
      at += writeSync(out, parts.shift()!.bytes);
  }
  closeSync(out);
  if (parts.length > 0) throw new RangeError(`${size} bytes are too few for ${key}`);
}

const partsAt = (from: number, parts: readonly Buffer[]) => parts.map((bytes) => ({ from, bytes }));

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [kind = '', size = '', key = '', seed = '', file] = process.argv.slice(2);
  if (file === undefined) throw new Error('usage: write.js KIND SIZE KEY SEED FILE');
  writeNoise({ kind, size: sizeOf(size), key, seed }, file);
}
