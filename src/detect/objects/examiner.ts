import { DOMAINS } from '../../core/asn1/domain.js';
import { OKP } from '../../core/asn1/oids.js';
import { toBigint, trimmed } from '../../core/base/bytes/integers.js';
import type { ByteReader } from '../../core/base/bytes/storage.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { Limit } from '../../core/limits/limit.js';
import { budgetOf, type Scale } from '../../core/model/effort.js';
import type { KeyMaterial } from '../../core/model/key-material.js';
import type { HeldObject, ObjectQuery } from '../../formats/memory/types.js';
import type { ObjectRow, Rule } from '../../rules/types.js';
import type { ObjectKey, ObjectPart } from '../../rules/vocabulary.js';
import { describeMaterial } from '../core/candidate.js';
import type { SecretCandidate } from '../core/types.js';
import { stockPassword } from '../text/placeholder.js';
import { RuleQuotas } from '../values/quotas.js';

/** Octets of the longest secret: an RSA exponent of 16,384 bits. */
const LONGEST = 2048;
/** Octets of the shortest key, and characters of the shortest password. */
const SHORTEST = { key: 8, password: 4 };
/** Fewer different octets are a fill pattern, or a field that was wiped. */
const LEAST_DISTINCT = 4;
/** Names of algorithms that are printed. */
const PLAIN_NAME = /^[\w./-]{1,40}$/;

interface RuleRow {
  rule: Rule;
  row: ObjectRow;
  /** The classes of {@link ObjectRow.handshake}. */
  isHandshake: (className: string) => boolean;
  holds: (text: string) => boolean;
}

/** Rows of one class, and the paths of all their fields. */
interface RowsOfClass {
  className: string;
  rows: RuleRow[];
  paths: string[];
}

type HeldValue = NonNullable<HeldObject['values'][number]>;

/** Makes candidates of the fields of objects, by the rows of the rules. */
export class ObjectExaminer {
  readonly #reader: ByteReader;
  readonly #classes: readonly RowsOfClass[];
  readonly #quotas: RuleQuotas;

  constructor(rules: readonly Rule[], reader: ByteReader, budget: Scale = budgetOf({})) {
    this.#reader = reader;
    this.#classes = classesOf(rules);
    this.#quotas = new RuleQuotas(rules, budget);
  }

  /** What a format must read. */
  get queries(): ObjectQuery[] {
    return this.#classes.map(({ className, rows, paths }) => ({
      className,
      paths,
      ...(rows.some(({ row }) => row.handshake !== undefined || row.unheld !== undefined)
        ? { withHolders: true as const }
        : {}),
    }));
  }

  *examine(held: HeldObject): Generator<SecretCandidate> {
    const { rows, paths } = this.#classes[held.query]!;
    const valueAt = (path: string) => held.values[paths.indexOf(path)];
    const done = new Set<string>();
    for (const each of rows) {
      const { field, if: condition } = each.row;
      const value = valueAt(field);
      if (value === undefined || done.has(field)) continue;
      const text = condition && this.#text(valueAt(condition.field));
      if (condition !== undefined && (text === undefined || !each.holds(text))) continue;
      done.add(field);
      const found = this.#candidate(each, held, value, text, valueAt);
      if (found !== undefined && this.#quotas.admit(found) === 'new') yield found;
    }
  }

  limits(): Limit[] {
    return this.#quotas.limits();
  }

  #candidate(
    { rule, row, isHandshake }: RuleRow,
    held: HeldObject,
    value: HeldValue,
    text: string | undefined,
    valueAt: (path: string) => HeldValue | undefined,
  ): SecretCandidate | undefined {
    const isPassword = rule.kind === 'credential';
    const read = isPassword ? this.#password(value) : this.#octets(value);
    if (read === undefined || read.length < (isPassword ? SHORTEST.password : SHORTEST.key)) return undefined;
    if (!isPassword && new Set(read).size < LEAST_DISTINCT) return undefined;
    const octets = row.littleEndian ? read.toReversed() : read;
    const material = materialOf({
      row,
      secret: octets,
      part: (name) => this.#octets(valueAt(row.parts[name] ?? '')),
    });
    const sign = isPassword ? stockPassword(read.toString()) : undefined;
    const key = material && describeMaterial(material, true);
    const named = text !== undefined && PLAIN_NAME.test(text) ? `, ${text}` : '';
    const said = held.holders.length === 0 ? (row.unheld ?? row.confidence) : row.confidence;
    const confidence = sign === undefined ? (key?.confidence ?? said) : 'low';
    return {
      type: 'candidate',
      rule,
      offset: value.value.offset,
      length: value.value.length,
      extents: [value.value],
      notAdjacentInMemory: false,
      secret: key?.secret ?? new Secret(octets),
      confidence,
      ...definedFields({ title: key?.title, material: key?.material }),
      ...(value.form === 'utf16be' ? { wide: 'be' as const } : {}),
      evidence: [`field ${row.field} of ${row.class}${named}`],
      notes: sign === undefined ? (key?.notes ?? []) : [`looks like a placeholder: ${sign}`],
      ...(confidence === 'low' && said === 'low' ? { isSecret: true as const } : {}),
      ...(held.holders.some(isHandshake) ? { ephemeral: true, ofHandshake: true as const } : {}),
      encoding: 'object',
      partial: false,
      preview: key === undefined ? `(${read.length} bytes)` : key.title,
      owner: { kind: 'field', name: row.field, of: held.className },
    };
  }

  #read({ value }: HeldValue): Buffer | undefined {
    if (value.length > 2 * LONGEST) return undefined;
    const bytes = Buffer.alloc(value.length);
    return this.#reader.read(value.offset, bytes) < bytes.length ? undefined : bytes;
  }

  #octets(value: HeldValue | undefined): Buffer | undefined {
    if (value?.form !== 'bytes' || value.value.length > LONGEST) return undefined;
    return this.#read(value);
  }

  #text(value: HeldValue | undefined): string | undefined {
    const bytes = value && this.#read(value);
    if (value === undefined || bytes === undefined) return undefined;
    if (value.form !== 'utf16be') return bytes.toString(value.form === 'utf16le' ? 'utf16le' : 'latin1');
    return bytes.length % 2 === 0 ? bytes.swap16().toString('utf16le') : undefined;
  }

  /** UTF-8 of a text without the zeros behind it; of bytes, those themselves. */
  #password(value: HeldValue): Buffer | undefined {
    const text = this.#text(value)?.replace(/\0+$/, '');
    if (text === undefined || text.includes('\0')) return undefined;
    return value.form === 'bytes' ? Buffer.from(text, 'latin1') : Buffer.from(text);
  }
}

/** One table for each list of rules: each artifact has an examiner. */
const tables = new WeakMap<readonly Rule[], readonly RowsOfClass[]>();

function classesOf(rules: readonly Rule[]): readonly RowsOfClass[] {
  const known = tables.get(rules) ?? rowsByClass(rules);
  tables.set(rules, known);
  return known;
}

function rowsByClass(rules: readonly Rule[]): RowsOfClass[] {
  const classes = new Map<string, RowsOfClass>();
  for (const rule of rules)
    for (const row of rule.objects ?? []) {
      const known = classes.get(row.class) ?? { className: row.class, rows: [], paths: [] };
      classes.set(row.class, known);
      known.rows.push({
        ...{ rule, row },
        isHandshake: matcher(row.handshake ?? []),
        holds: matcher(row.if?.is ?? []),
      });
      for (const path of [row.field, ...Object.values(row.parts), ...(row.if ? [row.if.field] : [])])
        if (!known.paths.includes(path)) known.paths.push(path);
    }
  return [...classes.values()];
}

/** Tests if a text is like one of some patterns, in which `*` stands for any characters. */
function matcher(patterns: readonly string[]): (text: string) => boolean {
  const all = patterns.map((pattern) => pattern.split('*'));
  return (text) => all.some((pieces) => isLike(text, pieces));
}

/** Linear: each piece is taken at its first place behind the one before it. */
function isLike(text: string, pieces: readonly string[]): boolean {
  const [first = '', ...others] = pieces;
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last))
    return false;
  let at = first.length;
  for (const piece of others) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > text.length - last.length) return false;
    at = found + piece.length;
  }
  return true;
}

/** A field's number, and the other ones of the key; unsigned, most significant octet first. */
interface Numbers {
  row: ObjectRow;
  secret: Uint8Array;
  part(name: ObjectPart): Uint8Array | undefined;
}

const secretOf = (bytes: Uint8Array | undefined): Secret | undefined => bytes && new Secret(trimmed(bytes));

/** Private keys as the provers take them; undefined if a number is lacking that the key needs. */
const MATERIALS: Readonly<Record<ObjectKey, (numbers: Numbers) => KeyMaterial | undefined>> = {
  okp({ row, secret }) {
    const curve = row.curve?.find((name) => OKP[name].size === secret.length);
    return curve && { type: 'okp', curve, seed: new Secret(secret) };
  },
  ec({ secret, part }) {
    const order = part('order');
    const n = order && toBigint(order);
    const domain = DOMAINS.find((each) => each.n === n);
    return domain && { type: 'ec', curve: domain.name, d: new Secret(trimmed(secret)) };
  },
  rsa({ secret, part }) {
    const n = part('n');
    const [p, q] = [secretOf(part('p')), secretOf(part('q'))];
    return n && { type: 'rsa', n, d: new Secret(trimmed(secret)), ...definedFields({ e: part('e'), p, q }) };
  },
  dsa({ secret, part }) {
    const [p, q, g] = [part('p'), part('q'), part('g')];
    return p && q && g && { type: 'dsa', p, q, g, x: new Secret(trimmed(secret)) };
  },
};

/** The private key of a row, if the object has all that its arithmetic needs. */
const materialOf = (numbers: Numbers): KeyMaterial | undefined =>
  numbers.row.key && MATERIALS[numbers.row.key](numbers);
