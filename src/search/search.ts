import { DOMAINS } from '../asn1/domain.js';
import type { Candidate } from '../detect/core/types.js';
import type { View } from '../formats/memory/types.js';
import type { KeyMaterial } from '../model/key-material.js';
import type { Limit, Severity } from '../model/report.js';
import type { Rule } from '../rules/types.js';
import type { Extractor } from '../runs/extractor.js';
import { RecordList, RecordReader, type Takers } from '../runs/records.js';
import { scheduledKeys } from './aes/aes-schedules.js';
import { candidateOf } from './core/candidate.js';
import { COMPRESSED, IN_RUNS } from './core/digit-forms.js';
import { Kernel } from './core/kernel.js';
import { digitRun, RunBytes } from './core/run-bytes.js';
import { RunCache } from './core/run-cache.js';
import { RunList } from './core/run-list.js';
import type { SearchContext } from './core/search-context.js';
import { SkippedWork } from './core/skipped-work.js';
import type { Context, NumberFound, Run } from './core/types.js';
import type { Look, WordProbe } from './core/word-probe.js';
import { CurveNumbers } from './curves/curve-numbers.js';
import { curveKeys } from './curves/curve-search.js';
import { curve448Keys } from './curves/curve448.js';
import { compressedNumbers, jsEngineNumbers } from './curves/js-engine-digits.js';
import { KernelCurve } from './curves/kernel-curve.js';
import { KernelWarmUp } from './curves/kernel-warm-up.js';
import { PointSearch } from './curves/points.js';
import { rareCurveKeys } from './curves/rare-curves.js';
import { tokenKeys } from './hmac/token-keys.js';
import { type ReadSerialised, ShieldedKeys } from './openssh/shielded-keys.js';
import { isWhole, keepLimbs, keepOdd, NO_NUMBERS, numberIn } from './rsa/heap-array.js';
import { type RsaAnswer, rsaFound } from './rsa/rsa-answer.js';
import { RsaCollector } from './rsa/rsa-collector.js';
import type { RsaRequest } from './rsa/rsa-search.js';
import { Attribution } from './signatures/attribution.js';
import { TextNumbers } from './text-numbers.js';

/** Of a run that is read here nothing is kept. */
const NONE = new Uint8Array(0);

export interface SearchOptions {
  /**
   * The rules in use, by what they report: private keys that sign or decrypt, keys of a key agreement alone, symmetric ones that
   * sign, and those that encrypt.
   * What has no rule is not searched for.
   */
  rules: { key?: Rule; agreement?: Rule; secret?: Rule; schedule?: Rule };
  /** True where the parts are proven to be a private key. No other private key leaves the search. */
  proves(material: KeyMaterial): boolean;
  /** Reads a private key as OpenSSH serialises it in memory. */
  readSerialised: ReadSerialised;
  /** Search without a budget of work (`--deep`). Memory stays bounded. */
  deep?: boolean;
}

/**
 * Keys without a marker: takes the runs of one artifact in any order (file order is best), then gives every private key that
 * their numbers make. Memory is bounded; what was not searched for that is told by {@link NumberSearch.limits}.
 */
export class NumberSearch {
  readonly #options: SearchOptions;
  readonly #kernel = Kernel.take();
  readonly #shortfall = new SkippedWork();
  readonly #view: View;
  readonly #kept = new RunCache();
  readonly #bytes: RunBytes;
  readonly #runs = new RunList();
  readonly #extractor: Extractor;
  readonly #records = new RecordList();
  readonly #rsa: RsaCollector;
  readonly #numbers: CurveNumbers;
  readonly #points: PointSearch;
  readonly #texts: TextNumbers;
  readonly #warmUp: KernelWarmUp;
  /** The run that is extracted, where it is one number or none. */
  #whole: Run | undefined;

  constructor(view: View, options: SearchOptions) {
    this.#options = options;
    this.#view = view;
    this.#bytes = new RunBytes(view.reader, this.#kernel, this.#kept);
    this.#extractor = this.#kernel.extractor;
    this.#rsa = new RsaCollector(this.#means);
    this.#numbers = new CurveNumbers(this.#shortfall);
    const curves = DOMAINS.map((domain) => new KernelCurve(this.#kernel, domain));
    this.#points = new PointSearch(this.#kernel, curves, this.#most);
    this.#warmUp = new KernelWarmUp(this.#kernel, curves);
    const places = {
      bytes: this.#bytes,
      curves: this.#numbers,
      points: this.#points,
      windows: this.#rsa.windows,
    };
    this.#texts = new TextNumbers(places, this.#shortfall);
  }

  /** A run, which is read here. Where the dump keeps numbers in arrays, its array tells where its number begins and ends. */
  add(run: Run): void {
    const array = this.#view.arrayAround?.({ offset: run.offset, length: run.words * 8 });
    const number = array && numberIn(array, this.#bytes);
    if (array) {
      keepLimbs(array, this.#bytes, this.#rsa.windows);
      keepOdd(array, this.#bytes, this.#rsa.windows);
    }
    this.#whole = number?.whole ? number : undefined;
    this.#extract(number ?? run, number !== undefined);
  }

  /** `object`: an object begins where the run does, whatever stands before it. */
  #extract(run: Run, object: boolean): void {
    this.#records.clear();
    this.#records.open(run.offset, run.words);
    let random = false;
    for (const { words, startsRun, endsRun, at, before, after, offset } of this.#bytes.widePieces(run)) {
      if (startsRun && !object && !this.#extractor.begins(run.words, at, before)) {
        this.#takers.run(run.offset, run.words, true, NONE);
        return;
      }
      const part = { words, starts: startsRun, ends: endsRun };
      random = this.#extractor.part(part, at, before, after, offset, this.#records) || random;
    }
    if (random) new RecordReader(this.#records.finish()).takeTo(Number.POSITIVE_INFINITY, this.#takers);
  }

  /** What an extractor has found in the runs that begin before `limit`. */
  take(records: RecordReader, limit = Number.POSITIVE_INFINITY): void {
    records.takeTo(limit, this.#view.arrayAround ? this.#runTakers : this.#takers);
    if (this.#wantsCurves) this.#warmUp.runOnce(this.#numbers);
  }

  /** A run of words that look like the digits of a JavaScript engine, small integers or doubles; a block's words before and behind it may be some, too. */
  addDigits(run: Run): void {
    for (const piece of this.#bytes.widePieces(digitRun(run))) {
      this.#rsa.digits.addEngine(piece);
      if (this.#wantsCurves) jsEngineNumbers(this.#kernel.bytes, piece, this.#numbers.addEngine);
    }
  }

  /** A run of so many characters of base64url, which may be a member of a JSON Web Key. */
  addText(offset: number, characters: number): void {
    this.#texts.add(offset, characters);
  }

  /** What `searchRsa` works on, here or in another thread, once the whole artifact has been swept; undefined where nobody wants RSA keys. */
  rsaRequest({ publicKeys }: Context): RsaRequest | undefined {
    if (this.#options.rules.key === undefined) return undefined;
    const { deep = false } = this.#options;
    const { length } = this.#view.reader;
    return this.#rsa.request({ kept: this.#kept.columns, texts: this.#texts.rsa, publicKeys, length, deep });
  }

  /** What it has found. */
  *rsaKeys(answer: RsaAnswer): Generator<Candidate> {
    this.#shortfall.takeOver(answer.left);
    const { key } = this.#options.rules;
    if (key) for (const found of rsaFound(answer)) yield candidateOf(key, found);
  }

  /** Every other key. */
  *otherKeys(context: Context): Generator<Candidate> {
    const { secret, schedule } = this.#options.rules;
    if (this.#wantsCurves) yield* this.#curveKeys(context);
    if (secret) yield* this.#tokenKeys(context, secret);
    if (schedule) yield* scheduledKeys(schedule, this.#kernel, this.#bytes, this.#runs);
  }

  get #wantsCurves(): boolean {
    const { key, agreement } = this.#options.rules;
    return (key ?? agreement) !== undefined;
  }

  readonly #takers: Takers = {
    window: (record) => {
      if (this.#whole === undefined || isWhole(this.#whole, record)) this.#rsa.windows.add(record);
    },
    digits: (record) => {
      // No runtime whose heap is dumped by arrays keeps integers in digits of these forms.
      if (this.#view.arrayAround !== undefined) return;
      this.#rsa.digits.add(record);
      if (IN_RUNS[record.detail] === COMPRESSED && this.#wantsCurves)
        compressedNumbers(this.#bytes, record.offset, record.size, this.#numbers.addEngine);
    },
    odd: (record) => {
      // Of an array the length is known.
      if (this.#view.arrayAround === undefined) this.#rsa.windows.addOdd(record);
    },
    packed: (record) => this.#rsa.packed.add(record),
    number: (record) => this.#numbers.addWhole(record),
    long: (record) => this.#numbers.addLong(record),
    point: (record) => this.#points.add(record),
    run: (offset, words, body, bytes) => {
      const kept = this.#keep(offset, words, bytes) || this.#kept.holds({ offset, words });
      if (this.#runs.push({ offset, words }, { body, kept })) return;
      this.#shortfall.add(
        'numbers',
        'runs of random-looking words were not kept',
        offset,
        offset + words * 8,
      );
    },
  };

  #keep(offset: number, words: number, bytes: Uint8Array): boolean {
    const isKept = this.#kept.addRun(offset, words, bytes);
    if (this.#kept.overflows && this.#runs.kept > 0) this.#runs.forgetKept();
    return isKept;
  }

  /** In a dump of arrays the runs alone count: whoever extracted the records knows of no arrays. */
  readonly #runTakers: Takers = {
    ...NO_NUMBERS,
    run: (offset, words, _, bytes) => {
      this.#keep(offset, words, bytes);
      this.add({ offset, words });
    },
  };

  /** Signatures that keys have made: asked for last. */
  signatures(): Attribution {
    return new Attribution({ ...this.#means, length: this.#view.reader.length });
  }

  get #means(): SearchContext {
    return {
      ...{ kernel: this.#kernel, bytes: this.#bytes, runs: this.#runs },
      ...{ shortfall: this.#shortfall, budget: this.#most },
    };
  }

  /** A budget, or none. */
  readonly #most = (budget: number): number => (this.#options.deep ? Number.POSITIVE_INFINITY : budget);

  limits(): Limit[] {
    return this.#shortfall.limits();
  }

  /** Gives back what the search works with: called once, when all keys have been given. Its limits can still be asked for. */
  close(): void {
    this.#rsa.windows.release();
    this.#numbers.release();
    this.#kernel.release();
  }

  *#curveKeys(context: Context): Generator<Candidate> {
    const parts = {
      length: this.#view.reader.length,
      numbers: this.#numbers,
      managed: this.#view.arrayAround !== undefined,
      inModule: (offset: number) => this.#view.inModule?.(offset) ?? false,
      points: this.#points,
      signatures: this.#texts.signatures,
      ...this.#means,
    };
    const { readSerialised } = this.#options;
    const { agreement, key } = this.#options.rules;
    const shielded = new ShieldedKeys(this.#means, readSerialised);
    const others = (probe: WordProbe<Look>) => {
      if (key) shielded.want(probe);
    };
    for (const { written, ...found } of chained(
      curveKeys(parts, context, others),
      curve448Keys(context.publicKeys, { ...parts, view: this.#view, texts: this.#texts.curve448 }),
      rareCurveKeys(context.publicKeys, this.#means),
    )) {
      if (!isAgreement(found.material)) yield* this.#candidate(found);
      // One whose public half stands nowhere as a key was made for a handshake, as far as anyone can tell.
      else if (agreement) yield* this.#candidate(found, agreement, written ? 'high' : undefined);
    }
    for (const found of shielded.found) yield* this.#candidate(found);
  }

  #tokenKeys({ tokens }: Context, rule: Rule): Generator<Candidate> {
    return tokenKeys(tokens, rule, {
      ...this.#means,
      reader: this.#view.reader,
      texts: this.#texts,
      deep: this.#options.deep ?? false,
    });
  }

  *#candidate(
    found: NumberFound,
    rule: Rule | undefined = this.#options.rules.key,
    severity?: Severity,
  ): Generator<Candidate> {
    if (rule && this.#options.proves(found.material)) yield candidateOf(rule, found, severity);
  }
}

function* chained<T>(...all: readonly Iterable<T>[]): Generator<T> {
  for (const each of all) yield* each;
}

const isAgreement = (material: KeyMaterial): boolean =>
  material.type === 'okp' && material.curve.startsWith('X');
