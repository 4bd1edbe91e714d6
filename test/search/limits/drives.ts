import { spkiRsa } from '../../../src/core/asn1/spki.js';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import type { Limit } from '../../../src/core/limits/limit.js';
import { searchKeys } from '../../../src/scan/rsa-job.js';
import { NumberSet } from '../../../src/search/core/number-set.js';
import { WordProbe } from '../../../src/search/core/word-probe.js';
import { numbersNear } from '../../../src/search/curves/scalars/numbers-near-points.js';
import { ShieldedKeys } from '../../../src/search/secrets/openssh/shielded-keys.js';
import { NumberSearch } from '../../../src/search/session/number-search.js';
import { parts, RULE, searchBytes } from '../harness.js';
import { Memory } from '../memory.js';
import { findRuns } from '../runs.js';
import { ecFrom } from '../seeded.js';
import { exceptFor, LIFTED, searched, unlimited } from './collect.js';
import { derOf, little, odd, P256, RSA, random, text } from './numbers.js';

/** A prekey, and many places that may be a key under it. */
export function shielded(isDeep: boolean, ...granted: number[]): Limit[] {
  const memory = new Memory();
  memory.filler(512);
  memory.chunk(random.bytes(16_384));
  memory.filler(512);
  return searched(memory.bytes(), isDeep ? unlimited : exceptFor(...granted), (from) => {
    const probe = new WordProbe<(seen: never) => void>();
    const keys = new ShieldedKeys(from, () => undefined);
    const handlers: ((seen: { offset: number }) => void)[] = [];
    probe.add = (_, handler) => handlers.push(handler as (seen: { offset: number }) => void);
    keys.registerWith(probe as never);
    for (const handle of handlers.slice(0, 2)) handle({ offset: 64 });
  });
}

/** One public key more than are searched together. */
export function manyModuli(isDeep: boolean): Limit[] {
  const memory = new Memory();
  memory.filler(512);
  const e = Buffer.of(1, 0, 1);
  const publicKeys = Array.from({ length: 2049 }, () => ({ spki: spkiRsa(odd(64), e) }));
  return searchBytes(memory.bytes(), { publicKeys }, isDeep, undefined, 0).limits;
}

/** Public keys that share their modulus. */
export function manyExponents(isDeep: boolean): Limit[] {
  const memory = new Memory();
  memory.noise(random, 4, 8);
  const n = odd(128);
  const publicKeys = [3, 5, 7, 11, 13, 17].map((e) => ({ spki: spkiRsa(n, Buffer.of(e)) }));
  return searchBytes(memory.bytes(), { publicKeys }, false, undefined, isDeep ? LIFTED : 1).limits;
}

/** More numbers than are tried on a curve of which no point is known. */
export function withoutPoint(isDeep: boolean): Limit[] {
  const memory = new Memory();
  memory.filler(512);
  for (let i = 0; i < 20; i++) memory.chunk(text(random.bytes(32).toString('base64url')));
  memory.filler(512);
  return searchBytes(memory.bytes(), {}, false, undefined, isDeep ? LIFTED : 0).limits;
}

/** One number that may be a modulus, and more that may divide it than a small budget covers. */
export function manyDivisors(isDeep: boolean): Limit[] {
  const memory = new Memory();
  memory.filler(512);
  for (let i = 0; i < 20; i++) memory.chunk(little(odd(128)));
  for (let i = 0; i < 400; i++) memory.chunk(little(odd(64)));
  memory.filler(512);
  return searchBytes(memory.bytes(), {}, false, undefined, isDeep ? LIFTED : 1 / 64).limits;
}

/** Numbers around a point that is a target, and around one of which nothing is known. */
export function nearPoints(isDeep: boolean): Limit[] {
  const memory = new Memory();
  memory.filler(512);
  memory.noise(random, 10, 8);
  memory.filler(512);
  const point = { x: 1n, y: 1n, written: false };
  return searched(memory.bytes(), isDeep ? unlimited : (usual) => Math.min(usual, 16), (from) => {
    const points = [
      { ...point, places: [1024] },
      { ...point, written: true, asked: true, places: [1100] },
    ];
    numbersNear(points, new NumberSet(32), { ...from, inModule: () => false });
  });
}

/** A nonce and its signature, with the signer's public key and no budget to pair them. */
export function nonces(isDeep: boolean): Limit[] {
  const nonce = ecFrom('limits nonce', 'P-256', 'prime256v1', 32);
  const integer = (octets: Buffer) => {
    const value = octets[0]! >> 7 ? Buffer.concat([Buffer.of(0), octets]) : octets;
    return Buffer.concat([Buffer.of(2, value.length), value]);
  };
  const s = random.bytes(32);
  s[0] = 1;
  const both = Buffer.concat([integer(nonce.x), integer(s)]);
  const memory = new Memory();
  memory.filler(512);
  memory.chunk(little(nonce.d));
  memory.chunk(Buffer.concat([Buffer.of(0x30, both.length), both]));
  memory.filler(512);
  const publicKeys = [{ spki: derOf(P256.key) }];
  return searchBytes(memory.bytes(), { publicKeys }, false, undefined, isDeep ? LIFTED : 1 / 256).limits;
}

/** Keys without a budget to prove them. */
export function proofs(isDeep: boolean): Limit[] {
  const memory = new Memory();
  for (const name of ['n', 'p', 'q']) memory.chunk(little(parts(RSA.written)[name]!));
  const reader = bufferReader(memory.bytes());
  const search = new NumberSearch(
    { reader },
    {
      ...{ rules: { key: RULE }, proves: () => true, readSerialised: () => undefined },
      effort: isDeep ? 'deep' : 'normal',
    },
  );
  for (const run of findRuns(reader)) search.add(run);
  const request = search.rsaRequest({ publicKeys: [], tokens: [], curveTokens: [] });
  for (const _ of search.rsaKeys(searchKeys(request!, reader, 0)));
  search.close();
  return search.limits();
}
