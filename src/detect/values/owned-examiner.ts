import { CachedReader } from '../../core/base/bytes/cached-reader.js';
import type { ByteReader } from '../../core/base/bytes/storage.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { Limit } from '../../core/limits/limit.js';
import { budgetOf, type Scale } from '../../core/model/effort.js';
import type { Owner, Wide } from '../../core/model/report.js';
import type { Owned } from '../../formats/memory/types.js';
import type { Rule } from '../../rules/types.js';
import { isEnclosed } from '../../sweep/values/alphabet.js';
import { LONGEST_VALUE } from '../../sweep/values/narrow.js';
import { looksRandom, SHORTEST_RUN } from '../../sweep/values/random.js';
import { type Tables, unpackTables } from '../../sweep/values/tables.js';
import { type JoinedValue, shownName, ValueJoin, withoutRandom } from '../../sweep/values/value-join.js';
import type { SecretCandidate } from '../core/types.js';
import { madeUp } from './made-up.js';
import { FormPatterns } from './patterns.js';
import { previewOf } from './preview.js';
import { RuleQuotas } from './quotas.js';

/** Owners as a proof names them: `a field`. */
const KINDS: Readonly<Record<Owner['kind'], string>> = {
  field: 'a field',
  static: 'a static field',
  key: 'a key',
  property: 'a property',
  variable: 'a variable',
  class: 'a class',
};

const WIDE: Partial<Readonly<Record<Owned['form'], Wide>>> = { utf16le: 'le', utf16be: 'be' };

/** Makes candidates of values that pointers have led to names. */
export class OwnedExaminer {
  readonly #rules: readonly Rule[];
  /** Values of one holder are near each other in most heaps. */
  readonly #reader: CachedReader;
  readonly #tables: Tables;
  readonly #join = new ValueJoin();
  readonly #patterns = new FormPatterns();
  readonly #quotas: RuleQuotas;

  /** `tables`: those of the rules, packed. */
  constructor(
    rules: readonly Rule[],
    reader: ByteReader,
    { tables, budget = budgetOf({}) }: { tables: SharedArrayBuffer; budget?: Scale },
  ) {
    this.#rules = rules;
    this.#reader = new CachedReader(reader);
    this.#tables = unpackTables(new Uint8Array(tables));
    this.#quotas = new RuleQuotas(rules, budget);
  }

  /** False also for a name that looks random: in a table of ids every text does. */
  mayName(name: string): boolean {
    const text = Buffer.from(name);
    if (text.length >= SHORTEST_RUN && looksRandom(text, 0, text.length, 1)) return false;
    return namesOf(name).some((each) => this.#join.mayName(Buffer.from(each), this.#tables));
  }

  /** The candidate, if the rules make one of name and value. */
  examine(owned: Owned): SecretCandidate | undefined {
    const read = this.#read(owned);
    if (read === undefined) return undefined;
    const { secret, text } = read;
    const joined = this.#joined(owned.owner.name, text);
    // Bytes have no form of their own: a name must say that they are secret.
    if (joined === undefined || (owned.form === 'bytes' && joined.weak)) return undefined;
    const candidate = candidateOf(this.#rules[joined.rule]!, owned, joined, secret, text);
    return this.#quotas.admit(candidate) === 'new' ? candidate : undefined;
  }

  #joined(name: string, text: Uint8Array): JoinedValue | undefined {
    const accepts = (whole: Uint8Array) => (rule: number, form: number, from: number, to: number) =>
      this.#patterns.accept(
        this.#rules[rule]!,
        form,
        Buffer.from(whole.subarray(from, to)).toString('latin1'),
      );
    for (const each of namesOf(name)) {
      const joined = this.#join.joinOwned(each, text, this.#tables, accepts);
      if (joined !== undefined) return joined;
    }
    return undefined;
  }

  limits(): Limit[] {
    return this.#quotas.limits();
  }

  /** Bytes of the value, and its text of one byte a character: for bytes, in hex. */
  #read({ value, form }: Owned): { secret: Uint8Array; text: Uint8Array } | undefined {
    const stride = form === 'utf16le' || form === 'utf16be' ? 2 : 1;
    if (value.length > stride * LONGEST_VALUE) return undefined;
    const bytes = this.#reader.read(value.offset, value.length);
    if (bytes.length < value.length) return undefined;
    if (form === 'bytes') return { secret: bytes, text: Buffer.from(Buffer.from(bytes).toString('hex')) };
    const first = form === 'utf16be' ? 1 : 0;
    const text = stride === 1 ? bytes : bytes.filter((_, i) => i % 2 === first);
    if (stride === 2 && bytes.some((byte, i) => i % 2 !== first && byte !== 0)) return undefined;
    return text.every(isEnclosed) && !isUrl(text) ? { secret: text, text } : undefined;
  }
}

const PLURAL = /[a-rt-z]s$/i;

/** A name, after that of one element where it is a collection's: `refreshToken` of `refreshTokens`. */
const namesOf = (name: string): string[] => (PLURAL.test(name) ? [name.slice(0, -1), name] : [name]);

/** A URL may hold a password, which other rules find. */
const isUrl = (text: Uint8Array): boolean => Buffer.from(text).includes('://');

function candidateOf(
  rule: Rule,
  { value, form, owner, generic }: Owned,
  joined: JoinedValue,
  secret: Uint8Array,
  text: Uint8Array,
): SecretCandidate {
  const characters = Buffer.from(text).toString('latin1');
  const sign = madeUp(characters);
  const name = shownName(Buffer.from(owner.name));
  const of = owner.of === '' ? '' : ` of ${owner.of}`;
  return {
    type: 'candidate',
    rule,
    offset: value.offset,
    length: value.length,
    extents: [value],
    notAdjacentInMemory: false,
    secret: new Secret(Buffer.from(secret)),
    ...definedFields({ wide: WIDE[form] }),
    confidence: sign === undefined && !generic ? joined.confidence : 'low',
    evidence: [`named ${name}, ${KINDS[owner.kind]}${of}`],
    notes: sign === undefined ? [] : [`looks like a placeholder: ${sign}`],
    ...definedFields({ isSecret: sign === undefined && generic ? (true as const) : undefined }),
    partial: false,
    preview: form === 'bytes' ? `(${secret.length} bytes)` : previewOf(characters),
    owner: { ...owner, name: withoutRandom(owner.name) },
  };
}
