import { createPublicKey, type KeyObject } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { openStorage, type Storage } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import { createView } from '../../src/formats/memory/view.js';
import { job, searchKeys } from '../../src/scan/rsa-job.js';
import { keysOfAnswer } from '../../src/search/rsa/rsa-key.js';
import { NumberSearch } from '../../src/search/session/number-search.js';
import { parts, RULE } from '../search/harness.js';
import { LAYOUTS, Memory } from '../search/memory.js';
import { findRuns } from '../search/runs.js';
import { rsaFrom } from '../search/seeded.js';

const spkiOf = (key: KeyObject) => createPublicKey(key).export({ format: 'der', type: 'spki' });

/** A heap with the numbers of one key, a part of a second whose public half is known, n and p of a third. */
function requested() {
  const [whole, known, split] = [rsaFrom('whole', 1024), rsaFrom('known', 2048), rsaFrom('split', 1536)];
  const heap = new Memory();
  heap.filler(2048);
  for (const name of ['n', 'p', 'q']) heap.chunk(LAYOUTS['limbs-le']!(parts(whole)[name]!));
  heap.noise(new SeededRandom('job'), 40, 16);
  const at = heap.chunk(LAYOUTS['bytes-be']!(parts(known).dp!));
  for (const name of ['n', 'p']) heap.chunk(LAYOUTS['limbs-le']!(parts(split)[name]!));
  const data = heap.bytes();
  const bytes = new SharedArrayBuffer(data.length);
  new Uint8Array(bytes).set(data);
  const storage: Storage = { kind: 'memory', bytes, length: data.length };
  const reader = openStorage(storage);
  const search = new NumberSearch(createView(reader, openDump(reader)), {
    rules: { key: RULE },
    proves: () => true,
    readSerialised: () => undefined,
  });
  for (const run of findRuns(reader)) search.add(run);
  // A view of a larger buffer, as from a detector.
  const spki = Buffer.concat([Buffer.alloc(4096), spkiOf(known)]).subarray(4096);
  const request = search.rsaRequest({ publicKeys: [{ spki }], tokens: [], curveTokens: [] })!;
  return { storage, reader, request, spki, at };
}

test('another thread finds the same from plain data', () => {
  const { storage, reader, request, spki, at } = requested();
  for (const key of request.publicKeys) expect(key.spki.buffer.byteLength).toBe(spki.length);
  const answer = structuredClone(job(structuredClone({ storage, request })));
  const { times: _, ...here } = searchKeys(request, reader);
  expect(answer).toEqual({ ...structuredClone(here), times: expect.anything() });
  expect(answer.times.map(([search]) => search)).toContain('rsa-known-crt');
  const found = [...keysOfAnswer(answer)];
  expect(found.map(({ component }) => component).sort()).toEqual([
    expect.stringMatching(/^d[pq]$/),
    'p',
    'p',
  ]);
  expect(found.find(({ component }) => component !== 'p')!.place.offset).toBe(at);
});

test('keys skipped by the budget of proofs are reported, and none is skipped without a budget', () => {
  const { reader, request } = requested();
  const { found, skipped: left } = searchKeys(request, reader, 0);
  expect(found).toEqual([]);
  // The one with a known public key is tried without its e too, which may be made up.
  const proofs = { search: 'rsa-proofs', target: 'written', from: 0, to: reader.length };
  expect(left).toEqual([expect.objectContaining({ ...proofs, left: 4, likely: 4 })]);
  const deep = searchKeys({ ...request, effort: 'deep' }, reader, 0);
  expect([deep.found.length, deep.skipped]).toEqual([3, []]);
});
