import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import type { Pausing } from '../../src/core/base/runtime/turns.js';
import { job } from '../../src/scan/mac-job.js';
import { onThreads } from '../../src/scan/mac-threads.js';
import type { MacTask, MacThreads } from '../../src/search/core/mac-threads.js';
import { SkippedWork } from '../../src/search/core/skipped-work.js';
import type { SignedToken } from '../../src/search/core/types.js';
import { CandidateList } from '../../src/search/secrets/hmac/candidate-list.js';
import { packed } from '../../src/search/secrets/hmac/mac-kernel.js';
import { PairTrials, type SecretFound, UntriedPairs } from '../../src/search/secrets/hmac/pair-trials.js';
import { TokenSet } from '../../src/search/secrets/hmac/token-set.js';
import { defineJob } from '../../src/sweep/job.js';
import { SweepPool } from '../../src/sweep/pool.js';

/** Trials of keys on tokens by the threads of the pool, and by this one. */

const random = new SeededRandom('keys of tokens on threads');
const KEYS = Array.from({ length: 3000 }, () => random.bytes(32));

/** The token `i`, signed by a key: three hashes, in groups of one issuer each. */
function token(i: number, key: Uint8Array): SignedToken {
  const alg = ['HS256', 'HS384', 'HS512'][i % 3]!;
  const hash = `sha${alg.slice(2)}`;
  const parts = [{ alg }, { iss: `issuer-${i % 7}`, sub: String(i) }];
  const signed = Buffer.from(
    parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.'),
  );
  const signature = createHmac(hash, key).update(signed).digest();
  return { offset: 1000 * i, hash, signed, signature };
}

/** Of 400 tokens every eighth is signed by one of the keys, the first of them by the last key of the list. */
const TOKENS = Array.from({ length: 400 }, (_, i) =>
  token(i, i % 8 === 0 ? KEYS[KEYS.length - 1 - 37 * (i / 8)]! : random.bytes(32)),
);

const MAC_JOB = defineJob<typeof import('../../src/scan/mac-job.js')>(
  new URL('../../src/scan/mac-job.js', import.meta.url),
);

const emptyTask = (): MacTask => ({
  ...{ hash: 'sha256', firstKey: 0, firstToken: 0 },
  ...{ keys: packed([new Uint8Array(1)]), tokens: packed([]) },
});

interface Tried {
  found: unknown[];
  limits: unknown[];
  spent: number;
}

function* search(units: number, threads?: MacThreads): Pausing<SecretFound, Omit<Tried, 'found'>> {
  const set = new TokenSet(TOKENS);
  const skippedWork = new SkippedWork();
  const trials = new PairTrials(set, new UntriedPairs(skippedWork, set), () => units, units, threads);
  const list = new CandidateList(KEYS.length);
  for (const [i, key] of KEYS.entries())
    list.add({ key: Buffer.from(key), offset: 100 * i, length: 32, form: 'key', reading: 'bytes-be' });
  yield* trials.product(list, 'hmac-texts', set.open());
  return { limits: skippedWork.limits(), spent: trials.spent };
}

async function tried(units: number, pool?: Pick<SweepPool, 'map'>): Promise<Tried> {
  let rest: Omit<Tried, 'found'> | undefined;
  function* all(threads?: MacThreads): Pausing<SecretFound> {
    rest = yield* search(units, threads);
  }
  const found: unknown[] = [];
  if (pool) for await (const each of onThreads(pool, all)) found.push(each);
  else for (const each of all()) if (each) found.push(each);
  return { found, ...rest! };
}

test.each([
  ['enough for all', Number.POSITIVE_INFINITY, 50],
  ['enough for a part', 6_000_000, undefined],
  ['enough for nothing', 100, 0],
])('threads find the same keys and leave the same limits: %s', async (_name, units, count) => {
  const alone = await tried(units);
  if (count !== undefined) expect(alone.found).toHaveLength(count);
  else expect(alone.found.length).toBeGreaterThan(0);
  expect(alone.limits.length).toBe(units === Number.POSITIVE_INFINITY ? 0 : 1);
  const pool = new SweepPool(3);
  // A scan has threads by then.
  await pool.run(MAC_JOB, emptyTask(), true);
  const ran = { here: 0, all: 0 };
  const counted: Pick<SweepPool, 'map'> = {
    map: (job, inputs, here) =>
      pool.map(job, counting(inputs), (input) => {
        ran.here++;
        return here(input);
      }),
  };
  function* counting<T>(inputs: Iterator<T>): Generator<T> {
    for (let next = inputs.next(); !next.done; next = inputs.next()) {
      ran.all++;
      yield next.value;
    }
  }
  try {
    expect(await tried(units, counted)).toEqual(alone);
    if (count !== 0) expect(ran.here).toBeLessThan(ran.all);
  } finally {
    await pool.close();
  }
});

test('a task finds what verifies, and wipes its keys and tokens', () => {
  const keys = packed([random.bytes(32), KEYS[5]!, random.bytes(32)]);
  const { signed, signature } = token(0, KEYS[5]!);
  const tokens = packed([TOKENS[1]!.signed, TOKENS[1]!.signature, signed, signature]);
  expect(job({ hash: 'sha256', keys, tokens, firstKey: 100, firstToken: 7 })).toEqual([
    { key: 101, token: 8 },
  ]);
  for (const { bytes } of [keys, tokens]) expect(bytes.every((byte) => byte === 0)).toBe(true);
});
