import { readSerialised } from '../detect/openssh-key.js';
import type { Candidate } from '../detect/types.js';
import type { View } from '../dump/types.js';
import type { KeyMaterial } from '../keys.js';
import type { Limit } from '../model.js';
import { RecordReader } from '../noise/records.js';
import { NumberSearch, type SearchOptions } from '../numbers/search.js';
import type { PublicKey } from '../numbers/types.js';
import { RunJoiner } from '../sweep/run-joiner.js';
import type { HitBatch } from '../sweep/types.js';
import type { KeyDesk } from './key-desk.js';

/** From the entropy net's runs to proven keys: joins what the cuts of the sweep parted, and asks the desk for proofs. */
export class Numbers {
  readonly #joiner = new RunJoiner();
  readonly #digitJoiner = new RunJoiner();
  readonly #open: () => NumberSearch;
  readonly #desk: KeyDesk;
  readonly #asked: readonly PublicKey[];
  /** Opened at the first run: most small files have none. */
  #search: NumberSearch | undefined;

  /** `asked`: public halves that somebody asks for, whether or not the artifact shows them. */
  constructor(
    view: View,
    options: Omit<SearchOptions, 'proves' | 'readSerialised'>,
    desk: KeyDesk,
    asked: readonly PublicKey[] = [],
  ) {
    const proves = (material: KeyMaterial) => desk.proves(material);
    this.#open = () => new NumberSearch(view, { ...options, proves, readSerialised });
    this.#desk = desk;
    this.#asked = asked;
  }

  /** A batch: numbers that the sweep took out of runs, and the runs that it left, all in file order. */
  push({ runs, digits, numbers, to }: Pick<HitBatch, 'runs' | 'digits' | 'numbers' | 'to'>): void {
    const records = numbers && numbers.byteLength > 0 ? new RecordReader(numbers) : undefined;
    for (const run of runs ? this.#joiner.push(runs, to) : []) {
      if (records) this.#searching.take(records, run.offset);
      this.#searching.add(run);
    }
    if (records) this.#searching.take(records);
    for (const run of digits ? this.#digitJoiner.push(digits, to) : []) this.#searching.addDigits(run);
  }

  /** Every key that the artifact's numbers make, when its certificates and public keys are known. */
  *finish(): Generator<Candidate> {
    for (const run of this.#joiner.finish()) this.#searching.add(run);
    for (const run of this.#digitJoiner.finish()) this.#searching.addDigits(run);
    const { joiner } = this.#desk;
    const publicKeys = [...joiner.publicKeys(), ...this.#asked];
    const context = {
      publicKeys,
      tokens: [...joiner.authenticated()],
      curveTokens: [...joiner.signedOnCurves()],
    };
    yield* this.#search?.finish(context) ?? [];
  }

  limits(): Limit[] {
    return this.#search?.limits() ?? [];
  }

  get #searching(): NumberSearch {
    this.#search ??= this.#open();
    return this.#search;
  }
}
