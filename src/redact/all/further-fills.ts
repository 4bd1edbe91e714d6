import type { ByteReader, Storage } from '../../core/base/bytes/storage.js';
import type { Secret } from '../../core/base/crypto/secret.js';
import { DumpsieveError } from '../../core/base/runtime/errors.js';
import { finishInTurns, type Pausing } from '../../core/base/runtime/turns.js';
import type { Component } from '../../core/model/key-material.js';
import type { Rulebook } from '../../detect/rulebook/rulebook.js';
import { elfCore, minidump, openDump } from '../../formats/formats.js';
import type { ParsedDump } from '../../formats/memory/types.js';
import { type KnownTable, knownTable, wipeTable } from '../../known/known-table.js';
import { publicWords, withoutPublic } from '../../known/public-values.js';
import { valueTable } from '../../known/value-table.js';
import { FORMS, windowStreams } from '../../known/window-streams.js';
import { defineJob } from '../../sweep/job.js';
import type { SweepPool } from '../../sweep/pool.js';
import type { Fill } from '../core/fill.js';
import { storedStreams } from '../fill/compressed/stored-streams.js';
import { printedFills } from '../fill/printed/printed.js';
import { structureFills } from '../fill/structure/structure.js';
import { job as search, windowTasks } from '../fill/windows/window-job.js';
import { INSTEAD } from './completeness.js';
import type { Fills } from './fills.js';
import type { FoundSecrets } from './found-secrets.js';
import { repeatedByte } from './repeated-byte.js';

interface FurtherSetup {
  fills: Fills;
  found: FoundSecrets;
  format: string;
  book: Rulebook;
  pool: SweepPool;
  /** Opens the input or a view of it. */
  open: (storage: Storage) => ByteReader;
  signal?: AbortSignal | undefined;
}

/** What the plan has besides places of findings: parts of proven keys, and the structure of the dump. */
export class FurtherFills {
  readonly #setup: FurtherSetup;
  /** Number of components and values that were searched for. */
  #searched = -1;

  constructor(setup: FurtherSetup) {
    this.#setup = setup;
  }

  /**
   * Adds what each copy leaves out, whatever is found, but for ranges that hold the fill already. It needs no
   * further round: no secret has led to it.
   */
  addStructure(stored: Storage): void {
    const { format, fills, open } = this.#setup;
    const reader = open(stored);
    for (const range of structureFills(reader, format))
      if (repeatedByte(reader, range) !== fills.fill) this.#add([range]);
  }

  /**
   * Adds parts of keys in a view, compressed streams with findings and printed bytes, if more secrets are
   * known than at the last call. True if it has any.
   */
  async addParts(view: Storage): Promise<boolean> {
    const keys = this.#keys();
    const secrets = this.#values();
    const count = keys.reduce((sum, { components }) => sum + components.length, secrets.length);
    if (count === this.#searched) return false;
    this.#searched = count;
    const { signal, book, pool } = this.#setup;
    const table = await finishInTurns(windowsOf(keys), signal);
    let values: KnownTable | undefined;
    let isNew = false;
    try {
      values = await finishInTurns(valueTable(secrets), signal);
      const { open, format } = this.#setup;
      const dump = openDump(open(view));
      if (keys.length > 0)
        for await (const fill of windowFills(view, table, pool, signal))
          if (this.#add([inArray(dump, fill)])) isNew = true;
      const seams = BY_ADDRESS.has(format) ? dump.seams() : [];
      const abortable: Pick<SweepPool, 'map'> = {
        map: (job, inputs, here) => pool.map(job, untilAborted(inputs, signal), here),
      };
      const further = { book, table, values, pool: abortable, open, signal };
      for (const fills of [
        storedStreams(view, { ...further, seams, onLimit: endedBy('compressed streams are in memory') }),
        printedFills(view, { ...further, onLimit: endedBy('bytes are printed as text') }),
      ])
        for await (const fill of fills) {
          signal?.throwIfAborted();
          if (this.#add([fill])) isNew = true;
        }
    } finally {
      for (const each of [table, values]) if (each !== undefined) wipeTable(each);
    }
    return isNew;
  }

  #keys(): KnownKey[] {
    return this.#setup.found.targets().flatMap(({ private: half }) => {
      if (half === undefined) return [];
      const { components, canonicalSpki: spki } = half.proof;
      return [{ components, spki }];
    });
  }

  #values(): Secret[] {
    return this.#setup.found.targets().flatMap(({ value }) => value ?? []);
  }

  #add(fills: Iterable<Fill>): boolean {
    let isNew = false;
    for (const { offset, length, cause } of fills)
      if (this.#setup.fills.add(offset, length, cause)) isNew = true;
    return isNew;
  }
}

/**
 * Cuts a fill at the end of its array. The bytes behind it, which are structure of the dump, may happen to
 * continue the number in another order of limbs.
 */
function inArray(dump: Partial<Pick<ParsedDump, 'arrayAround'>>, fill: Fill): Fill {
  const array = dump.arrayAround?.(fill);
  if (array === undefined || array.offset > fill.offset) return fill;
  return { ...fill, length: Math.min(fill.length, array.offset + array.length - fill.offset) };
}

/** Inputs of a search, which throws at the next one once it is aborted: it may yield nothing for long. */
function* untilAborted<T>(inputs: Iterator<T>, signal: AbortSignal | undefined): Generator<T> {
  for (let next = inputs.next(); next.done !== true; next = inputs.next()) {
    signal?.throwIfAborted();
    yield next.value;
  }
}

/** Formats of which a stream may go on elsewhere in the file. */
const BY_ADDRESS: ReadonlySet<string> = new Set([elfCore.name, minidump.name]);

const endedBy = (what: string) => (): never => {
  const message = `more ${what} than can be decoded`;
  throw new DumpsieveError({ code: 'redact-limits', message, hint: INSTEAD }, 2);
};

const WINDOW_JOB = defineJob<typeof import('../fill/windows/window-job.js')>(
  new URL('../fill/windows/window-job.js', import.meta.url),
);

/** A proven key. */
interface KnownKey {
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
async function* windowFills(
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
