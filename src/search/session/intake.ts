import { DOMAINS, WEI25519 } from '../../core/asn1/domain.js';
import type { Extractor } from '../../sweep/runs/extractor.js';
import { RecordList, RecordReader, type Takers } from '../../sweep/runs/records.js';
import { COMPRESSED, RUN_FORMS } from '../core/digit-forms.js';
import type { NumberKernel } from '../core/kernel.js';
import { engineRun, extractRun, RunBytes } from '../core/run-bytes.js';
import { RunCache } from '../core/run-cache.js';
import { RunList } from '../core/run-list.js';
import { SearchClock } from '../core/search-clock.js';
import type { SearchContext } from '../core/search-context.js';
import type { Scale, SkippedCounter, SkippedWork } from '../core/skipped-work.js';
import type { Run, SearchedArtifact, SearchedPublicKey } from '../core/types.js';
import { CurveNumbers } from '../curves/numbers/curve-numbers.js';
import { compressedNumbers, jsEngineNumbers } from '../curves/numbers/js-engine-digits.js';
import { KernelCurve } from '../curves/points/kernel-curve.js';
import { PointSearch } from '../curves/points/points.js';
import { DigitRuns } from '../rsa/digit-runs.js';
import { IGNORE_NUMBERS, isWhole, keepAnyLength, keepLimbs, numberIn } from '../rsa/heap-array.js';
import type { RsaRequest, RsaText } from '../rsa/rsa-request.js';
import { RsaWindows } from '../rsa/rsa-windows.js';
import { TextNumbers } from './text-numbers.js';

const NONE = new Uint8Array(0);

interface Parts {
  artifact: SearchedArtifact;
  kernel: NumberKernel;
  skippedWork: SkippedWork;
  budget: Scale;
  /** Bounds the runs that are taken, if any does. */
  ration: RunBudget | undefined;
  /** Numbers of curves are collected as well. */
  curves: boolean;
}

/**
 * Collects the candidates of one artifact while it is swept: numbers, digits and texts, for the searches that
 * read them.
 */
export class Intake {
  readonly context: SearchContext;
  readonly kept = new RunCache();
  readonly clock = new SearchClock();
  readonly rsa: RsaCollector;
  readonly numbers: CurveNumbers;
  readonly points: PointSearch;
  readonly texts: TextNumbers;
  readonly #artifact: SearchedArtifact;
  readonly #ration: RunBudget | undefined;
  readonly #curves: boolean;
  readonly #extractor: Extractor;
  readonly #records = new RecordList();
  readonly #warmUp: KernelWarmUp;
  readonly #dropped: SkippedCounter;
  /** The number that fills the array being extracted. */
  #whole: Run | undefined;

  constructor({ artifact, kernel, skippedWork, budget, ration, curves }: Parts) {
    this.#artifact = artifact;
    this.#ration = ration;
    this.#curves = curves;
    this.#extractor = kernel.extractor;
    this.#dropped = skippedWork.counter('numbers', 'runs of random-looking words were not kept', true);
    const bytes = new RunBytes(artifact.reader, kernel, this.kept);
    this.context = { kernel, bytes, runs: new RunList(), skippedWork, budget };
    this.rsa = new RsaCollector(this.context);
    this.numbers = new CurveNumbers();
    const fields = DOMAINS.map((domain) => new KernelCurve(kernel, domain));
    this.points = new PointSearch(kernel, fields, budget);
    this.#warmUp = new KernelWarmUp(kernel, fields);
    const { windows } = this.rsa;
    this.texts = new TextNumbers({ bytes, curves: this.numbers, points: this.points, windows }, skippedWork);
    const takers = artifact.arrayAround ? this.#arrayTakers : (ration?.over(this.#takers) ?? this.#takers);
    this.#recordTakers = takers;
  }

  /** A run that is extracted here. In a managed heap, its array has the bounds of the number. */
  addRun(run: Run): void {
    if (this.#ration?.take(run) === false) return;
    const { bytes } = this.context;
    const array = this.#artifact.arrayAround?.({ offset: run.offset, length: run.words * 8 });
    const number = array && numberIn(array, bytes);
    if (array) {
      keepLimbs(array, bytes, this.rsa.windows);
      keepAnyLength(array, bytes, this.rsa.windows);
    }
    this.#whole = number?.whole ? number : undefined;
    this.#extract(number ?? run, number !== undefined);
  }

  /** Records that an extractor elsewhere made of the runs that begin before `limit`. */
  addRecords(records: RecordReader, limit = Number.POSITIVE_INFINITY): void {
    records.takeTo(limit, this.#recordTakers);
    if (this.#curves) this.#warmUp.runOnce(this.numbers);
  }

  /**
   * A run of words that look like digits of a JavaScript engine's big integers: small integers or doubles.
   */
  addEngineDigits(run: Run): void {
    const { kernel, bytes } = this.context;
    for (const piece of bytes.widePieces(engineRun(run))) {
      this.rsa.digits.addJsEngine(piece);
      if (this.#curves) jsEngineNumbers(kernel.bytes, piece, this.numbers.addJsEngine);
    }
  }

  /** `isObject`: the run begins where an object does, whatever word precedes it. */
  #extract(run: Run, isObject: boolean): void {
    this.#records.clear();
    const made = extractRun(run, isObject, this.context.bytes, this.#extractor, this.#records);
    if (made === 'body') this.#takers.run(run.offset, run.words, true, NONE);
    if (made === 'numbers')
      new RecordReader(this.#records.finish()).takeTo(Number.POSITIVE_INFINITY, this.#takers);
  }

  readonly #takers: Takers = {
    window: (record) => {
      if (this.#whole === undefined || isWhole(this.#whole, record)) this.rsa.windows.add(record);
    },
    digits: (record) => {
      // Runtimes with a heap of arrays keep no integers in these forms.
      if (this.#artifact.arrayAround !== undefined) return;
      this.rsa.digits.add(record);
      if (RUN_FORMS[record.detail] === COMPRESSED && this.#curves)
        compressedNumbers(this.context.bytes, record.offset, record.size, this.numbers.addJsEngine);
    },
    anyLength: (record) => {
      // The length of an array is known.
      if (this.#artifact.arrayAround === undefined) this.rsa.windows.addAnyLength(record);
    },
    number: (record) => this.numbers.addWhole(record),
    long: (record) => this.numbers.addLong(record),
    point: (record) => this.points.add(record),
    run: (offset, words, body, bytes) => {
      const { runs } = this.context;
      const kept = this.#keep(offset, words, bytes) || this.#holds(offset, words);
      if (!runs.add(offset, words, body, kept)) this.#dropped.add(offset, offset + words * 8);
    },
  };

  /** In a managed heap only the runs count: the extractor elsewhere did not know the arrays. */
  readonly #arrayTakers: Takers = {
    ...IGNORE_NUMBERS,
    run: (offset, words, _, bytes) => {
      this.#keep(offset, words, bytes);
      this.addRun({ offset, words });
    },
  };

  /** Of records made elsewhere. {@link addRun} rations the runs of a managed heap. */
  readonly #recordTakers: Takers;

  #holds(offset: number, words: number): boolean {
    return !this.kept.isEmpty && this.kept.holds({ offset, words });
  }

  #keep(offset: number, words: number, bytes: Uint8Array): boolean {
    const { runs } = this.context;
    const isKept = this.kept.addRun(offset, words, bytes);
    if (this.kept.overflows && runs.kept > 0) runs.forgetKept();
    return isKept;
  }

  release(): void {
    this.rsa.windows.release();
    this.numbers.release();
    this.context.kernel.release();
  }
}

/** Numbers of 32 octets from which the kernel multiplies them (curve25519.ts). */
const MIN_NUMBERS = 192;

/**
 * Builds the comb tables and warms up the code of secp256k1 and Curve25519, on which nearly every dump has
 * numbers to multiply. Done while the sweep is still running and this thread would wait.
 */
class KernelWarmUp {
  readonly #kernel: NumberKernel;
  readonly #curves: readonly KernelCurve[];
  #done = false;

  constructor(kernel: NumberKernel, curves: readonly KernelCurve[]) {
    this.#kernel = kernel;
    this.#curves = curves;
  }

  /** Runs once there are enough numbers to multiply in the kernel. */
  runOnce({ bySize }: CurveNumbers): void {
    if (this.#done || bySize.get(32)!.length < MIN_NUMBERS) return;
    this.#done = true;
    this.#curves.find(({ domain }) => domain.name === 'secp256k1')?.warmUp();
    this.#kernel.scratch(() => new KernelCurve(this.#kernel, WEI25519).warmUp());
  }
}

/** The parts of a request that come from elsewhere. */
type Collected = Pick<RsaRequest, 'runCache' | 'length' | 'effort' | 'scale'> & {
  texts: readonly RsaText[];
  publicKeys: readonly SearchedPublicKey[];
};

/** Collects the numbers for the RSA search while the artifact is swept. */
class RsaCollector {
  readonly windows: RsaWindows;
  readonly digits: DigitRuns;
  readonly #context: SearchContext;

  constructor(context: SearchContext) {
    const { kernel, bytes, skippedWork } = context;
    this.#context = context;
    this.windows = new RsaWindows(skippedWork);
    this.digits = new DigitRuns(kernel, bytes, this.windows, skippedWork);
  }

  /**
   * Input of `searchRsa`, in this thread or another, once the whole artifact has been swept. Hands the
   * windows over.
   */
  request({ texts, publicKeys, ...rest }: Collected): RsaRequest {
    return {
      windows: this.windows.finish(),
      runs: this.#context.runs.columns,
      digits: this.digits.columns,
      // Copies: a message to a thread takes the whole buffer of a view.
      texts: texts.map((text) => ({ ...text, octets: Buffer.from(Uint8Array.from(text.octets).buffer) })),
      publicKeys: publicKeys.map((key) => ({ ...key, spki: Uint8Array.from(key.spki) })),
      ...rest,
    };
  }
}

/**
 * Runs that `--effort quick` takes: the first, then one for each stretch of the file. Each costs about 6 us
 * of the main thread, at most a second per GB. Sweep and extraction cost the same at every level. Ordinary
 * dumps have 1,000 to 10,000 runs per GB.
 */
const FIRST = 32_768;
const BYTES_EACH = 8192;

/** Lets the runs of a file pass at a bounded density, so that no part of it is left out as a whole. */
export class RunBudget {
  readonly #first: number;
  readonly #skippedWork: SkippedWork;
  /** Some were left out. */
  isCut = false;
  #taken = 0;
  /** Runs left out since the last report, and the file offsets that they lie between. */
  #left = 0;
  #from = Number.POSITIVE_INFINITY;
  #to = 0;

  constructor(skippedWork: SkippedWork, scale = 1) {
    this.#first = Math.floor(FIRST * scale);
    this.#skippedWork = skippedWork;
  }

  /** False if too many were taken before it. */
  take({ offset, words }: Run): boolean {
    if (this.#taken < this.#first + offset / BYTES_EACH) {
      this.#taken++;
      return true;
    }
    this.isCut = true;
    this.#left++;
    this.#from = Math.min(this.#from, offset);
    this.#to = Math.max(this.#to, offset + words * 8);
    return false;
  }

  /** Reports what was left out, once: there may be millions. No run was ranked, so each may be likely. */
  report(): void {
    const left = this.#left;
    const what = 'runs of random-looking words were not searched for keys';
    this.#skippedWork.add('runs', { target: 'any', left, likely: left }, what, this.#from, this.#to);
    this.#left = 0;
  }

  /** The handlers, which get the records of the runs that pass. */
  over(takers: Takers): Takers {
    let passes = true;
    const rationed = Object.entries(takers).map(([kind, take]) => [
      kind,
      (record: never) => {
        if (passes) (take as (record: never) => void)(record);
      },
    ]);
    return {
      ...(Object.fromEntries(rationed) as Takers),
      run: (offset, words, body, kept) => {
        passes = this.take({ offset, words });
        if (passes) takers.run(offset, words, body, kept);
      },
    };
  }
}
