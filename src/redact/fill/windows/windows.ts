import type { Storage } from '../../../core/base/bytes/storage.js';
import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { Component } from '../../../core/model/key-material.js';
import { type KnownTable, knownTable } from '../../../known/known-table.js';
import { publicWords, withoutPublic } from '../../../known/public-values.js';
import { FORMS, windowStreams } from '../../../known/window-streams.js';
import { defineJob } from '../../../sweep/job.js';
import type { SweepPool } from '../../../sweep/pool.js';
import type { Fill } from '../../core/fill.js';
import { job as search, windowTasks } from './window-job.js';

const WINDOW_JOB = defineJob<typeof import('./window-job.js')>(new URL('./window-job.js', import.meta.url));

/** A proven key. */
export interface KnownKey {
  components: readonly Component[];
  /** DER SubjectPublicKeyInfo; empty for a symmetric key. */
  spki: Uint8Array;
}

/** The windows of all private components of some keys, in every encoding. The caller wipes the table. */
export function* windowsOf(known: readonly KnownKey[]): Pausing<never, KnownTable> {
  function* streams() {
    for (const { components } of known) yield* windowStreams(components);
  }
  const values = withoutPublic(streams(), yield* publicWords(known.map(({ spki }) => spki)));
  return yield* knownTable(values, { forms: FORMS, step: 4 });
}

/**
 * Every extent of a storage that has 64 bits of a component in a binary form or 96 in text, as long as it
 * goes on. In file order, but for the few that reach back before the one before them.
 */
export async function* windowFills(
  storage: Storage,
  table: KnownTable,
  pool: Pick<SweepPool, 'map'>,
  signal?: AbortSignal,
): AsyncGenerator<Fill> {
  for await (const extents of pool.map(WINDOW_JOB, windowTasks(storage, table), search)) {
    signal?.throwIfAborted();
    for (let at = 0; at < extents.length; at += 2)
      yield { offset: extents[at]!, length: extents[at + 1]!, cause: 'component' };
  }
}
