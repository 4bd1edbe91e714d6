import { readSpki } from '../../core/asn1/spki.js';
import type { Pausing } from '../../core/base/runtime/turns.js';
import type { Limit, LimitTarget } from '../../core/limits/limit.js';
import {
  type LimitName,
  MAIN_STEPS,
  type MainStep,
  type RuleRole,
  SEARCHES,
  type SearchId,
  type SearchStep,
  STEPS,
} from '../../core/limits/searches.js';
import type { KeyMaterial } from '../../core/model/key-material.js';
import type { SecretCandidate } from '../../detect/core/types.js';
import type { RecordReader } from '../../sweep/runs/records.js';
import type { TextReader } from '../../sweep/runs/text-records.js';
import { candidateOf } from '../core/candidate.js';
import { NumberKernel } from '../core/kernel.js';
import { budgetOf, SkippedWork, targetOfKey } from '../core/skipped-work.js';
import type { NumberFound, Run, SearchedArtifact, SearchedPublicKey, SearchFacts } from '../core/types.js';
import { type CurvePlan, completePlans } from '../curves/curve-plan.js';
import { CurveSearch } from '../curves/curve-search.js';
import { curve448Keys } from '../curves/edwards/curve448.js';
import { rareCurveKeys } from '../curves/rare-curves.js';
import { keysOfAnswer, type RsaAnswer } from '../rsa/rsa-key.js';
import type { RsaRequest } from '../rsa/rsa-request.js';
import { scheduledKeys } from '../secrets/aes/aes-schedules.js';
import { tokenKeys } from '../secrets/hmac/token-keys.js';
import { ShieldedKeys } from '../secrets/openssh/shielded-keys.js';
import { Intake, RunBudget } from './intake.js';
import type { SearchOptions } from './search-options.js';

type CurveKey = NumberFound & { written?: boolean };

/**
 * The search for bare keys in one artifact: takes its runs in any order (file order is fastest), then runs
 * the steps of the table in ../search.ts. Memory is bounded; skipped work is in {@link NumberSearch.limits}.
 */
export class NumberSearch {
  readonly #artifact: SearchedArtifact;
  readonly #options: SearchOptions;
  readonly #kernel = NumberKernel.take();
  readonly #skippedWork = new SkippedWork();
  readonly #ration: RunBudget | undefined;
  readonly #intake: Intake;
  readonly #shielded: ShieldedKeys;
  #publicKeys: readonly SearchedPublicKey[] = [];
  #curves: CurveSearch | undefined;

  constructor(artifact: SearchedArtifact, options: SearchOptions) {
    this.#artifact = artifact;
    this.#options = options;
    this.#ration = options.effort === 'quick' ? new RunBudget(this.#skippedWork, options.scale) : undefined;
    this.#intake = new Intake({
      ...{ artifact, kernel: this.#kernel, skippedWork: this.#skippedWork },
      budget: budgetOf(options),
      ration: this.#ration,
      curves: this.#isWanted('curves'),
    });
    this.#shielded = new ShieldedKeys(this.#intake.context, options.readSerialised);
  }

  /** What each search takes. */
  get clock() {
    return this.#intake.clock;
  }

  add(run: Run): void {
    this.#intake.addRun(run);
  }

  /** Records of an extractor elsewhere, of the runs that begin before `limit`. */
  take(records: RecordReader, limit?: number): void {
    this.#intake.addRecords(records, limit);
  }

  addEngineDigits(run: Run): void {
    this.#intake.addEngineDigits(run);
  }

  /** A run of base64url characters, which may be a member of a JSON Web Key. */
  addText(offset: number, characters: number): void {
    this.#intake.texts.add(offset, characters);
  }

  /** Numbers decoded elsewhere from the texts that begin before `limit`. */
  takeTexts(records: TextReader, limit?: number): void {
    this.#intake.texts.take(records, limit);
  }

  /**
   * Input of `searchRsa`, here or in a worker, when the whole artifact is swept; undefined without a rule for
   * RSA keys.
   */
  rsaRequest({ publicKeys }: SearchFacts): RsaRequest | undefined {
    this.#publicKeys = publicKeys;
    if (this.#ration?.isCut) this.#intake.context.runs.cut();
    if (!this.#isWanted('rsa')) return undefined;
    const { rsa, kept, texts } = this.#intake;
    const { effort = 'normal', scale = 1 } = this.#options;
    const { length } = this.#artifact.reader;
    return rsa.request({ runCache: kept.columns, texts: texts.rsa, publicKeys, length, effort, scale });
  }

  *rsaKeys(answer: RsaAnswer): Generator<SecretCandidate> {
    this.#skippedWork.takeOver(answer.skipped);
    this.clock.add(answer.times);
    for (const index of answer.foreign) this.#publicKeys[index]!.foreign!.isSettled = true;
    const { key } = this.#options.rules;
    if (key) for (const found of keysOfAnswer(answer)) yield candidateOf(key, found);
  }

  /**
   * Multiplies the likeliest numbers. What is left is to be tried on all threads before {@link otherKeys},
   * which otherwise tries kept numbers in this one. `canSweep`: the artifact can be swept once more.
   */
  *trials(context: SearchFacts, canSweep: boolean): Pausing<CurvePlan> {
    if (!this.#isWanted('curves')) return;
    const isManaged = this.#artifact.arrayAround !== undefined;
    const search = yield* this.clock.each('ec-scalars', this.#searchingCurves(context));
    yield* this.clock.each('ec-scalars', search.trials(canSweep && !isManaged));
  }

  *#searchingCurves(context: SearchFacts): Pausing<CurvePlan, CurveSearch> {
    const artifact = this.#artifact;
    const { numbers, points, texts } = this.#intake;
    const parts = {
      ...this.#intake.context,
      ...{ numbers, points, signatures: texts.signatures },
      clock: this.clock,
      length: artifact.reader.length,
      managed: artifact.arrayAround !== undefined,
      inModule: (offset: number) => artifact.inModule?.(offset) ?? false,
    };
    this.#curves ??= yield* CurveSearch.begin(parts, context);
    return this.#curves;
  }

  /** The keys of the other steps. */
  *otherKeys(context: SearchFacts): Generator<SecretCandidate | undefined> {
    this.#publicKeys = context.publicKeys;
    this.#intake.numbers.complete();
    for (const step of MAIN_STEPS)
      if (this.#isWanted(step)) {
        yield;
        yield* this.clock.each(firstOf(step), this.#mainSteps[step](context));
      }
  }

  limits(): Limit[] {
    this.#intake.numbers.reportDropped(this.#skippedWork, new Set());
    this.#ration?.report();
    const hasTriedAll = (curve: string) => this.#curves?.hasTriedAll(curve) ?? false;
    return this.#skippedWork.limits(presentTargets(this.#publicKeys, hasTriedAll));
  }

  /** Releases memory, once, when all keys are given. {@link limits} stays valid. */
  close(): void {
    this.#intake.release();
  }

  #isWanted(step: SearchStep): boolean {
    const { rules }: { rules: readonly RuleRole[] } = STEPS[step];
    return rules.some((role) => this.#options.rules[role] !== undefined);
  }

  readonly #mainSteps: Record<MainStep, (context: SearchFacts) => Iterable<SecretCandidate | undefined>> = {
    curves: (context) => this.#curveKeys(context),
    curve448: ({ publicKeys }) => {
      const { context, texts } = this.#intake;
      const request = { ...context, artifact: this.#artifact, texts: texts.curve448 };
      return this.#proven(curve448Keys(publicKeys, request));
    },
    'rare-curves': ({ publicKeys }) => this.#proven(rareCurveKeys(publicKeys, this.#intake.context)),
    // The pass of the step `curves` has looked for them.
    openssh: () => this.#proven(this.#shielded.found),
    hmac: ({ tokens, threads }) => {
      const { context, texts } = this.#intake;
      const { rules, effort } = this.#options;
      const isComplete = effort === 'deep';
      const { reader } = this.#artifact;
      const parts = { ...context, reader, texts, isComplete, clock: this.clock, threads };
      return rules.secret ? tokenKeys(tokens, rules.secret, parts) : [];
    },
    aes: () => {
      const { kernel, bytes, runs } = this.#intake.context;
      const { schedule } = this.#options.rules;
      return schedule ? scheduledKeys(schedule, kernel, bytes, runs) : [];
    },
  };

  *#curveKeys(context: SearchFacts): Generator<SecretCandidate | undefined> {
    const search = yield* completePlans(this.#searchingCurves(context), this.#kernel);
    yield* completePlans(search.trials(false), this.#kernel);
    const keys = search.keys((probe) => {
      if (this.#options.rules.key) this.#shielded.registerWith(probe);
    });
    yield* this.#proven(keys);
  }

  /**
   * What is proven, by its rule. An agreement key is high only if its public half is `written` as a key:
   * others were probably made for one handshake.
   */
  *#proven(keys: Iterable<CurveKey | undefined>): Generator<SecretCandidate | undefined> {
    const { key, agreement } = this.#options.rules;
    for (const each of keys) {
      if (each === undefined) {
        yield;
        continue;
      }
      const { written, ...found } = each;
      const isForAgreement = isAgreement(found.material);
      const rule = isForAgreement ? agreement : key;
      const severity = isForAgreement && written ? 'high' : undefined;
      if (rule && this.#options.proves(found.material)) yield candidateOf(rule, found, severity);
    }
  }
}

/** The search that the time of a step counts for, but for that of the other searches within it. */
const firstOf = (step: MainStep): SearchId => SEARCHES.find((search) => search.step === step)!.id;

const isAgreement = (material: KeyMaterial): boolean =>
  material.type === 'okp' && material.curve.startsWith('X');

interface KindOfKey {
  kind: Kind;
  curve?: string;
}

type Kind = 'rsa' | 'ec' | 'edwards' | '448' | 'token' | 'other';

/** Kinds of keys that candidates under a limit's name may be of, by the start of the name. */
const KINDS: readonly (readonly [start: string, kinds: readonly Kind[]])[] = [
  ['rsa', ['rsa']],
  ['ecdsa', ['ec']],
  ['ec', ['ec']],
  ['ed25519', ['edwards']],
  ['ed448', ['448']],
  ['x448', ['448']],
  ['hmac', ['token']],
];
const ALL: readonly Kind[] = ['rsa', 'ec', 'edwards', '448', 'token', 'other'];

/** Kinds by SubjectPublicKeyInfo: limits are asked for more than once. */
const known = new WeakMap<Uint8Array, KindOfKey>();

function kindOf(spki: Uint8Array): KindOfKey {
  const kind = known.get(spki) ?? readKind(spki);
  known.set(spki, kind);
  return kind;
}

function readKind(spki: Uint8Array): KindOfKey {
  const key = readSpki(spki)?.key;
  if (key?.type === 'rsa') return { kind: 'rsa' };
  if (key?.type !== 'ec' && key?.type !== 'okp') return { kind: 'other' };
  const { curve } = key;
  if (key.type === 'ec') return { kind: 'ec', curve };
  return { kind: curve.endsWith('448') ? '448' : 'edwards', curve };
}

/** Limits on the list of runs, from which numbers are extracted before it is full. */
const RUNS: ReadonlySet<string> = new Set<LimitName>(['numbers']);

/**
 * What candidates were for that a search dropped before the public keys were known: for each target of that
 * kind, and for keys of which nothing is known. `hasTriedAll`: every number in runs that are not kept was
 * tried against the public keys of this curve.
 */
export function presentTargets(
  publicKeys: readonly SearchedPublicKey[],
  hasTriedAll: (curve: string) => boolean = () => false,
): (search: LimitName) => LimitTarget[] {
  const read = () =>
    publicKeys
      .filter(({ isPublicRoot }) => !isPublicRoot)
      .map((key) => ({ ...kindOf(key.spki), target: targetOfKey(key) }));
  let keys: ReturnType<typeof read> | undefined;
  return (search) => {
    keys ??= read();
    const kinds = KINDS.find(([start]) => search.startsWith(start))?.[1] ?? ALL;
    const isSettled = (curve?: string) => RUNS.has(search) && curve !== undefined && hasTriedAll(curve);
    const own = keys.filter(({ kind, curve }) => kinds.includes(kind) && !isSettled(curve));
    return [
      ...(['asked', 'written'] as const).filter((each) => own.some(({ target }) => target === each)),
      'blind',
    ];
  };
}
