import { hostname } from 'node:os';
import type { Warning } from '../../../src/core/base/runtime/warnings.js';
import { failure } from '../host.js';
import type { ListedDump } from '../model/dump.js';
import { bucketObjects } from './bucket-objects.js';
import type { Label } from './label.js';
import { Labelling } from './labelling.js';
import { linesOf } from './list-file.js';
import { type Found, localFiles } from './local-files.js';
import { Notices } from './notices.js';
import type { RemoteAccess } from './remote-access.js';
import { withoutSecretNames } from './secret-names.js';
import { placeOf, shownPath } from './uri.js';
import { webObjects } from './web-objects.js';

/** Dumps of one batch at most. */
const BATCH = 1000;

export interface ListingOptions {
  access: RemoteAccess;
  labels?: readonly Label[];
  signal?: AbortSignal;
  /**
   * What could not be listed, or is refused. `effect: 'incomplete'` makes the exit status 2. Of each code the
   * first 100 come one by one, and the number of the others at the end.
   */
  onNotice: (notice: Warning) => void;
  /**
   * Everything with this prefix of URIs was listed: what is in the store and was not listed now is gone.
   * Never called for a glob, or where something could not be read or is refused.
   */
  onWhole?: (prefix: string) => void;
}

/**
 * Lists what paths, globs, `s3://…`, `https://…` and `@list` name, at most 1,000 dumps at a time, and reads
 * nothing of them. Throws coded errors (exit 3) for what is wrong with an input as it is written.
 */
export async function* listDumps(
  inputs: readonly string[],
  options: ListingOptions,
): AsyncGenerator<readonly ListedDump[]> {
  const listing = new Listing(options);
  yield* listing.batches(inputs);
}

/** A local path, or a URL as it is written. */
type Input = string | Uint8Array;

const isWeb = (input: Input): input is string => typeof input === 'string' && /^https?:\/\//i.test(input);
const isBucket = (input: Input): input is string => typeof input === 'string' && /^s3:\/\//.test(input);

class Listing {
  readonly #options: ListingOptions;
  readonly #notices: Notices;
  readonly #labelling: Labelling;
  #refused = 0;
  #empty = 0;

  constructor(options: ListingOptions) {
    this.#options = options;
    this.#notices = new Notices(options.onNotice);
    this.#labelling = new Labelling(options.labels ?? [], (notice) => this.#notices.add(notice));
  }

  async *batches(inputs: readonly string[]): AsyncGenerator<readonly ListedDump[]> {
    let batch: ListedDump[] = [];
    const wholes: string[] = [];
    for await (const found of this.#inputs(inputs)) {
      this.#options.signal?.throwIfAborted();
      if (found.type === 'notice') this.#notices.add(found.notice);
      else if (found.type === 'empty') this.#empty++;
      else if (found.type === 'whole') wholes.push(found.prefix);
      else if (batch.push(found.dump) === BATCH) {
        yield await this.#finished(batch);
        batch = [];
      }
    }
    if (batch.length > 0) yield await this.#finished(batch);
    this.#end();
    if (this.#refused === 0) for (const prefix of wholes) this.#options.onWhole?.(prefix);
  }

  /** A batch with what its labels say, without names that hold secrets. */
  async #finished(batch: readonly ListedDump[]): Promise<readonly ListedDump[]> {
    const clean = await withoutSecretNames(batch, (notice) => {
      this.#refused++;
      this.#notices.add(notice);
    });
    return clean.map((dump) => this.#labelling.labelled(dump));
  }

  #end(): void {
    if (this.#empty > 0)
      this.#notices.add({
        code: 'files-empty',
        effect: 'strict',
        message: `${this.#empty} without content: not listed`,
        hint: 'a dump without content may not have been written',
      });
    this.#labelling.end();
    this.#notices.end();
  }

  /** Paths of this machine first and together: a link to one of them is not reported. */
  async *#inputs(inputs: readonly string[]): AsyncGenerator<Found> {
    const lists = inputs.filter((input) => input.startsWith('@'));
    yield* this.#group(inputs.filter((input) => !input.startsWith('@')));
    for (const list of lists) {
      let lines: Input[] = [];
      for await (const line of linesOf(list.slice(1), this.#options.signal)) {
        if (lines.push(line) < BATCH) continue;
        yield* this.#group(lines);
        lines = [];
      }
      yield* this.#group(lines);
    }
  }

  async *#group(inputs: readonly Input[]): AsyncGenerator<Found> {
    const { access, signal } = this.#options;
    const isLocal = (input: Input): boolean => !isWeb(input) && !isBucket(input);
    const local = inputs.filter(isLocal).map(localPath);
    if (local.length > 0) yield* localFiles(local, signal);
    for (const input of inputs.filter(isBucket)) yield* bucketObjects(input, access.buckets, signal);
    yield* webObjects(inputs.filter(isWeb), access, signal);
  }
}

/** The path of an input that is no remote URL. */
function localPath(input: Input): Input {
  if (typeof input !== 'string' || !/^[a-z][a-z0-9+.-]*:\/\//i.test(input)) return input;
  const place = placeOf(input);
  if (place?.scheme === 'file' && ['', 'localhost', hostname()].includes(place.host)) return place.path;
  throw failure({
    code: 'wrong-url',
    message: `${shownPath(input.replace(/[?#].*$/s, ''))}: neither s3:// nor https:// nor of this machine`,
    hint: 'objects of other stores have https:// URLs; those of Google also an S3-compatible API',
  });
}
