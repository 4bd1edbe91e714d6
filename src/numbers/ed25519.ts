import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { canonicalPrivateKey } from '../asn1/private-key.js';
import { readSpki } from '../asn1/spki.js';
import { inverse, toBytes } from '../integers.js';
import { Secret } from '../secret.js';
import { WEI25519, WEI25519_SHIFT } from './domain.js';
import type { KernelCurve } from './field.js';
import type { Kernel } from './kernel.js';
import type { NumberSet } from './number-set.js';
import type { RunBytes } from './run-bytes.js';
import type { RunList } from './run-list.js';
import type { PublicKey } from './types.js';

/** A seed whose public key the dump shows. */
export interface SeedFound {
  index: number;
  publicKey: Buffer;
}

const P = WEI25519.p;
const SIZE = 32;
const MAP_BITS = 22;
const MOST_HITS = 4096;
/** So few seeds are done by node:crypto (0.4 ms each) before the kernel has filled its tables: most files have no more. */
const FEW = 12;

/**
 * Ed25519 has no cheap test of what is a public key: every seed is multiplied (RFC 8032, 5.1.5), then its public key is looked
 * for at every byte of the runs and among the public keys that are known. The sign bit of the key is as the dump has it.
 */
export function* ed25519Keys(
  numbers: NumberSet,
  chosen: readonly number[],
  curve: KernelCurve,
  kernel: Kernel,
  bytes: RunBytes,
  runs: RunList,
  publicKeys: readonly PublicKey[],
): Generator<SeedFound> {
  if (chosen.length === 0) return;
  const byWord = new Map<bigint, { y: Buffer; index: number }[]>();
  const halves = chosen.length <= FEW ? fewHalves(numbers, chosen) : publicHalves(numbers, chosen, curve);
  for (const { y, index } of halves) {
    const word = y.readBigUInt64LE();
    const known = byWord.get(word);
    if (known) known.push({ y, index });
    else byWord.set(word, [{ y, index }]);
  }
  const seen = new Set<number>();
  const matches = function* (at: Buffer): Generator<SeedFound> {
    for (const { y, index } of byWord.get(at.readBigUInt64LE()) ?? []) {
      if (seen.has(index) || !sameY(at, y)) continue;
      seen.add(index);
      yield { index, publicKey: Buffer.from(at.subarray(0, SIZE)) };
    }
  };
  for (const { spki } of publicKeys) {
    const key = ed25519Public(spki);
    if (key) yield* matches(key);
  }
  const map = kernel.allocate(1 << (MAP_BITS - 3));
  const words = kernel.allocate(byWord.size * 8);
  const hits = kernel.allocate(MOST_HITS * 4);
  kernel.u64(words, byWord.size).set([...byWord.keys()]);
  kernel.call.mark(words, byWord.size, map, MAP_BITS);
  for (const run of runs) {
    for (const piece of bytes.pieces(run)) {
      const start = Math.min(8, piece.before);
      const length = Math.min(piece.words * 8 + start + 8, piece.after + start) - SIZE + 1;
      const count =
        length > 0 ? kernel.call.probe(piece.at - start, length, 1, map, MAP_BITS, hits, MOST_HITS) : 0;
      if (count === 0) continue;
      for (const distance of kernel.u32(hits, count).slice())
        yield* matches(kernel.view(piece.at - start + distance, SIZE));
    }
  }
}

/** The same as {@link publicHalves}, one by one. */
function* fewHalves(numbers: NumberSet, chosen: readonly number[]): Generator<{ y: Buffer; index: number }> {
  for (const index of chosen) {
    const seed = new Secret(numbers.at(index));
    const key = Buffer.from(canonicalPrivateKey({ type: 'okp', curve: 'Ed25519', seed }));
    const { x } = createPublicKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' })).export({
      format: 'jwk',
    });
    const y = Buffer.from(x ?? '', 'base64url');
    y[31]! &= 127;
    yield { y, index };
  }
}

/** y of the public key of each seed, little-endian, without the sign of x. */
function* publicHalves(
  numbers: NumberSet,
  chosen: readonly number[],
  curve: KernelCurve,
): Generator<{ y: Buffer; index: number }> {
  const scalars = Buffer.concat(
    chosen.map((index) => {
      const scalar = createHash('sha512').update(numbers.at(index)).digest().subarray(0, SIZE);
      scalar[0]! &= 248;
      scalar[31] = (scalar[31]! & 127) | 64;
      return scalar;
    }),
  );
  // y = (u - 1) / (u + 1) (RFC 7748, 4.1), all divisions by one.
  const us: { u: bigint; index: number; before: bigint }[] = [];
  let product = 1n;
  let k = 0;
  for (const x of curve.multiplyGenerator(scalars)) {
    const index = chosen[k++]!;
    if (x === undefined) continue;
    const u = (x - WEI25519_SHIFT + P) % P;
    if (u === P - 1n) continue;
    us.push({ u, index, before: product });
    product = (product * (u + 1n)) % P;
  }
  let reciprocal = inverse(product, P) ?? 0n;
  for (const { u, index, before } of us.reverse()) {
    const y = ((u - 1n + P) * ((reciprocal * before) % P)) % P;
    reciprocal = (reciprocal * (u + 1n)) % P;
    const bytes = toBytes(y);
    yield { y: Buffer.concat([Buffer.alloc(SIZE - bytes.length), bytes]).reverse(), index };
  }
}

function sameY(publicKey: Buffer, y: Buffer): boolean {
  return publicKey.subarray(0, 31).equals(y.subarray(0, 31)) && (publicKey[31]! & 127) === y[31];
}

function ed25519Public(spki: Uint8Array): Buffer | undefined {
  const key = readSpki(spki)?.key;
  return key?.type === 'okp' && key.curve === 'Ed25519' ? Buffer.from(key.public) : undefined;
}
