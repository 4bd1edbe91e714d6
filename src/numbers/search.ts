import { canonicalPrivateKey, describeKey } from '../asn1/private-key.js';
import type { Candidate } from '../detect/types.js';
import type { View } from '../dump/types.js';
import type { KeyMaterial } from '../keys.js';
import type { Limit } from '../model.js';
import type { Extractor } from '../noise/extractor.js';
import { RecordList, RecordReader, type Takers } from '../noise/records.js';
import type { Rule } from '../rules/types.js';
import { Secret } from '../secret.js';
import { CurveNumbers } from './coordinates.js';
import { DigitSearch } from './digits.js';
import { DOMAINS, WEI25519 } from './domain.js';
import { ecKeys, scalarsOf } from './ec-keys.js';
import { ed25519Keys } from './ed25519.js';
import { KernelCurve } from './field.js';
import { fragments } from './fragments.js';
import { SecretNumbers, secretsOf } from './hmac.js';
import { Kernel } from './kernel.js';
import { sightings } from './known-words.js';
import type { Modulus } from './modulus.js';
import { isInSignature } from './nonces.js';
import { type Point, PointSearch } from './points.js';
import { RsaJoin } from './rsa-join.js';
import { exponentsOf, firstPlace, type RsaFound, rsaMaterial, rsaPublic } from './rsa-key.js';
import { RsaWindows } from './rsa-windows.js';
import { RunBytes } from './run-bytes.js';
import { RunList } from './run-list.js';
import { Shortfall } from './shortfall.js';
import type { Context, Place, Run } from './types.js';

/** Numbers that are tried as seeds of Ed25519: 0.6 s. */
const MOST_SEEDS = 20_000;

export interface SearchOptions {
  /** The rules in use, by what they report: private keys and symmetric ones. What has no rule is not searched for. */
  rules: { key?: Rule; secret?: Rule };
  /** True where the parts are proven to be a private key. No other private key leaves the search. */
  proves(material: KeyMaterial): boolean;
  /** Search without a budget of work (`--deep`). Memory stays bounded. */
  deep?: boolean;
}

/**
 * Keys without a marker: takes the runs of one artifact in any order (file order is best), then gives every private key that
 * their numbers make. Memory is bounded; what was not searched for that is told by {@link NumberSearch.limits}.
 */
export class NumberSearch {
  readonly #options: SearchOptions;
  readonly #kernel = new Kernel();
  readonly #shortfall = new Shortfall();
  readonly #length: number;
  readonly #bytes: RunBytes;
  readonly #runs = new RunList();
  readonly #extractor: Extractor;
  readonly #records = new RecordList();
  readonly #rsa: RsaWindows;
  readonly #digits: DigitSearch;
  readonly #numbers: CurveNumbers;
  readonly #points: PointSearch;

  constructor(view: View, options: SearchOptions) {
    this.#options = options;
    this.#length = view.reader.length;
    this.#bytes = new RunBytes(view.reader, this.#kernel);
    this.#extractor = this.#kernel.extractor();
    this.#rsa = new RsaWindows(this.#shortfall);
    this.#digits = new DigitSearch(this.#kernel, this.#bytes, this.#rsa);
    this.#numbers = new CurveNumbers(this.#shortfall);
    this.#points = new PointSearch(
      this.#kernel,
      DOMAINS.map((domain) => new KernelCurve(this.#kernel, domain)),
    );
  }

  /** A run, which is read here. */
  add(run: Run): void {
    this.#records.clear();
    this.#records.open(run.offset, run.words);
    let random = false;
    for (const { words, startsRun, endsRun, at, before, after, offset } of this.#bytes.pieces(run)) {
      const part = { words, starts: startsRun, ends: endsRun };
      random = this.#extractor.part(part, at, before, after, offset, this.#records) || random;
    }
    if (random) this.take(new RecordReader(this.#records.finish()));
  }

  /** What an extractor has found in the runs that begin before `limit`. */
  take(records: RecordReader, limit = Number.POSITIVE_INFINITY): void {
    records.takeTo(limit, this.#takers);
  }

  /** A run of words that look like V8's digits: the upper half below 2^28 and the lower one zero, or a double of such a number. */
  addDigits(run: Run): void {
    for (const piece of this.#bytes.pieces(run)) this.#digits.addV8(piece);
  }

  /** Called once, when the whole artifact has been swept. */
  *finish(context: Context): Generator<Candidate> {
    if (this.#options.rules.key) {
      yield* this.#rsaKeys(context);
      yield* this.#ecKeys(context);
      yield* this.#ed25519Keys(context);
    }
    const { secret: rule } = this.#options.rules;
    if (rule) yield* this.#secrets(context, rule);
  }

  readonly #takers: Takers = {
    window: (record) => this.#rsa.add(record),
    digits: (record) => this.#digits.add(record),
    number: (record) => this.#numbers.addWhole(record),
    long: (record) => this.#numbers.addLong(record),
    point: (record) => this.#points.add(record),
    run: (offset, words) => {
      if (this.#runs.push({ offset, words })) return;
      this.#shortfall.add(
        'numbers',
        'runs of random-looking words were not kept',
        offset,
        offset + words * 8,
      );
    },
  };

  /** A budget, or none. */
  readonly #most = (budget: number): number => (this.#options.deep ? Number.POSITIVE_INFINITY : budget);

  limits(): Limit[] {
    return this.#shortfall.limits();
  }

  *#rsaKeys({ publicKeys }: Context): Generator<Candidate> {
    const keys = new Map<bigint, RsaFound>();
    const join = new RsaJoin(this.#kernel, this.#bytes, this.#shortfall, this.#most);
    for (const found of join.factor(this.#rsa.bySize))
      if (!keys.has(found.n.value)) keys.set(found.n.value, found);
    const moduli = new Map<bigint, Modulus>();
    for (const { spki, asked = false } of publicKeys) {
      const shown = rsaPublic(spki);
      if (shown === undefined) continue;
      const key = keys.get(shown.n);
      if (key) key.e = shown.e;
      else {
        const known = moduli.get(shown.n)?.asked === true;
        moduli.set(shown.n, { ...shown, asked: asked || known, bare: false, solved: false });
      }
    }
    yield* this.#rsaProven([...keys.values()]);
    if (moduli.size > 0) yield* this.#rsaFragments([...moduli.values()]);
  }

  /** Whole keys, with the public exponent that their certificate or their private exponents tell. */
  *#rsaProven(keys: readonly RsaFound[]): Generator<Candidate> {
    if (keys.length === 0) return;
    const wanted = keys.flatMap(exponentsOf);
    for (const { label, value } of sightings(wanted, this.#kernel, this.#bytes, this.#runs)) {
      label.key.e ??= label.e;
      if (label.key.e === label.e) label.key.exponent ??= { name: label.name, value };
    }
    for (const key of keys) yield* this.#candidate(rsaMaterial(key), firstPlace(key));
  }

  /** Keys of which the modulus is known and one part is here. */
  *#rsaFragments(moduli: readonly Modulus[]): Generator<Candidate> {
    for (const { modulus, material, part, ...place } of fragments(moduli, {
      length: this.#length,
      kernel: this.#kernel,
      bytes: this.#bytes,
      runs: this.#runs,
      windows: this.#rsa.bySize,
      shortfall: this.#shortfall,
      budget: this.#most,
    })) {
      if (modulus.solved) continue;
      for (const candidate of this.#candidate(material, place, [`the number here is ${part}`])) {
        modulus.solved = true;
        yield candidate;
      }
    }
  }

  *#ecKeys({ publicKeys }: Context): Generator<Candidate> {
    const points = this.#points.find(this.#numbers, publicKeys, this.#shortfall, this.#most);
    const seen = new Set<Point>();
    for (const { material, point, ...place } of ecKeys(this.#numbers, points, this.#shortfall, this.#most)) {
      if (seen.has(point)) continue;
      seen.add(point);
      // A public key is written somewhere as one; a nonce's point is the first half of a signature instead.
      if (!point.written && isInSignature(point.x, this.#kernel, this.#bytes, this.#runs)) continue;
      yield* this.#candidate(material, place);
    }
  }

  *#ed25519Keys({ publicKeys }: Context): Generator<Candidate> {
    const numbers = this.#numbers.bySize.get(32)!;
    const chosen = scalarsOf(numbers, this.#most(MOST_SEEDS), 'ed25519-seeds', this.#shortfall);
    const curve = new KernelCurve(this.#kernel, WEI25519);
    const found = ed25519Keys(numbers, chosen, curve, this.#kernel, this.#bytes, this.#runs, publicKeys);
    for (const { index, publicKey } of found) {
      const seed = new Secret(numbers.at(index));
      const material: KeyMaterial = { type: 'okp', curve: 'Ed25519', seed, public: publicKey };
      const place = { offset: numbers.offset(index), length: numbers.size, reading: 'bytes-be' as const };
      yield* this.#candidate(material, place);
    }
  }

  /** Keys that sign tokens: proven by the token, which is what the rest of the scan verifies them with. */
  *#secrets({ tokens }: Context, rule: Rule): Generator<Candidate> {
    if (tokens.length === 0) return;
    const numbers = new SecretNumbers(this.#kernel);
    for (const run of this.#runs) for (const piece of this.#bytes.pieces(run)) numbers.add(piece);
    for (const { key, offset, length, form, token } of secretsOf(
      tokens,
      numbers,
      this.#bytes,
      this.#shortfall,
      this.#most,
    )) {
      const evidence = [`the JWT at 0x${token.offset.toString(16)} verifies under it`];
      if (form !== 'key') evidence.push(`stands as HMAC's ${form}`);
      const material: KeyMaterial = { type: 'oct', k: new Secret(key) };
      yield describe(rule, material, { offset, length, reading: 'bytes-be' }, evidence);
    }
  }

  *#candidate(material: KeyMaterial, place: Place, evidence: string[] = []): Generator<Candidate> {
    const { key: rule } = this.#options.rules;
    if (rule && this.#options.proves(material)) yield describe(rule, material, place, evidence);
  }
}

function describe(
  rule: Rule,
  material: KeyMaterial,
  { offset, length, reading }: Place,
  evidence: string[],
): Candidate {
  const { algorithm, bits } = describeKey(material);
  const title = material.type === 'oct' ? 'symmetric key' : `${algorithm} private key`;
  return {
    type: 'candidate',
    rule,
    offset,
    length,
    extents: [{ offset, length }],
    notAdjacentInMemory: false,
    secret: new Secret(canonicalPrivateKey(material)),
    confidence: 'medium',
    kind: material.type === 'oct' ? 'symmetric-key' : 'private-key',
    title,
    evidence,
    notes: [],
    material,
    encoding: reading,
    partial: false,
    preview: bits === undefined ? title : `${title}, ${bits} bits`,
  };
}
