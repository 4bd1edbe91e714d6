import type { Id } from '../records/file.js';

/** What a field says of the value that it leads to. */
export const ROLE = {
  /** Its name is the value's. */
  named: 0,
  /** A part of a collection or a text: the holder's own holder has the name. */
  part: 1,
  /** Part of a wrapper for any purpose. */
  wrapped: 2,
  /** A key or name beside it in the same object is the value's name. */
  beside: 3,
  /** It is itself the key or name beside a value. */
  key: 4,
  /** What holds the key beside it has the name: the field of a ThreadLocal. */
  keyed: 5,
} as const;

const words = (text: string): string[] => text.split(' ');

/** Fields of classes of the JDK (17 to 25), of Java 8 and of Android that are parts. */
const PARTS: readonly (readonly [className: string, fields: string])[] = [
  ['java.lang.String', 'value'],
  ['java.lang.AbstractStringBuilder', 'value'],
  ['java.lang.ProcessEnvironment$ExternalData', 'str bytes'],
  ['java.math.BigInteger', 'mag'],
  ['java.util.Optional', 'value'],
  ['java.util.concurrent.atomic.AtomicReference', 'value'],
  ['java.util.concurrent.atomic.AtomicReferenceArray', 'array'],
  ['java.util.concurrent.CompletableFuture', 'result'],
  ['java.util.concurrent.FutureTask', 'outcome'],
  ['java.lang.ref.Reference', 'referent'],
  ['java.util.ArrayList', 'elementData'],
  ['java.util.Vector', 'elementData'],
  ['java.util.ArrayDeque', 'elements'],
  ['java.util.PriorityQueue', 'queue'],
  ['java.util.LinkedList$Node', 'item'],
  ['java.util.LinkedList', 'first last'],
  ['java.util.Arrays$ArrayList', 'a'],
  ['java.util.concurrent.CopyOnWriteArrayList', 'array'],
  ['java.util.ImmutableCollections$List12', 'e0 e1'],
  ['java.util.ImmutableCollections$ListN', 'elements'],
  ['java.util.ImmutableCollections$Set12', 'e0 e1'],
  ['java.util.ImmutableCollections$SetN', 'elements'],
  ['java.util.Collections$SingletonList', 'element'],
  ['java.util.Collections$SingletonSet', 'element'],
  ['java.util.Collections$UnmodifiableCollection', 'c'],
  ['java.util.Collections$UnmodifiableList', 'list'],
  ['java.util.Collections$SynchronizedCollection', 'c'],
  ['java.util.Collections$SynchronizedList', 'list'],
  ['java.nio.ByteBuffer', 'hb'],
  ['java.nio.CharBuffer', 'hb'],
];

/** Fields of wrappers. */
const WRAPPED = words('value val data delegate _value');
/** Fields of values beside a key, and of keys. Of a reference that is a key, `referent`. */
const BESIDE = words('value val v v0');
const KEYS = words('key k name id k0 referent');
/** Fields of an object that lead to its text. */
const TEXTS = words('str name');

const THREAD_LOCAL = 'java.lang.ThreadLocal$ThreadLocalMap$Entry';
const PROPERTIES = 'java.util.Properties';
export const ENUM_MAP = 'java.util.EnumMap';
/** Fields of an EnumMap: keys, and values in the same order. */
const ENUM_MAP_FIELDS = words('keyUniverse vals');

/** Words that say what a field is. */
export const ROLE_WORDS: readonly string[] = [
  ...PARTS.flatMap(([className, fields]) => [className, ...words(fields)]),
  ...WRAPPED,
  ...BESIDE,
  ...KEYS,
  ...TEXTS,
  PROPERTIES,
  ENUM_MAP,
  ...ENUM_MAP_FIELDS,
  THREAD_LOCAL,
];

const PART_NAMES: ReadonlySet<string> = new Set(
  PARTS.flatMap(([className, fields]) => words(fields).map((field) => `${className} ${field}`)),
);

/** Roles of fields, by the identifiers of names. */
export class FieldRoles {
  /** Words that the dump has, by identifier: {@link ROLE_WORDS}, and perhaps more. */
  readonly #texts: ReadonlyMap<Id, string>;
  readonly #classNames: ReadonlyMap<Id, Id>;

  constructor(texts: ReadonlyMap<Id, string>, classNames: ReadonlyMap<Id, Id>) {
    this.#classNames = classNames;
    this.#texts = texts;
  }

  /** Role of a field of an object in which a key is, or is not. */
  roleOf(declaring: Id, nameId: Id, hasKey: boolean): number {
    const name = this.#texts.get(nameId);
    if (name === undefined) return ROLE.named;
    if (PART_NAMES.has(`${this.#nameOfClass(declaring)} ${name}`)) return ROLE.part;
    if (hasKey && name === 'value' && this.#nameOfClass(declaring) === THREAD_LOCAL) return ROLE.keyed;
    if (hasKey && BESIDE.includes(name)) return ROLE.beside;
    return WRAPPED.includes(name) ? ROLE.wrapped : ROLE.named;
  }

  #nameOfClass(id: Id): string | undefined {
    const nameId = this.#classNames.get(id);
    return nameId === undefined ? undefined : this.#texts.get(nameId);
  }

  isValue(nameId: Id): boolean {
    return BESIDE.includes(this.#texts.get(nameId) ?? '');
  }

  /** Rank of a field as the key beside a value, the least first; -1 if it is none. */
  keyRank(nameId: Id): number {
    return KEYS.indexOf(this.#texts.get(nameId) ?? '');
  }

  /** True if the field leads from an object to its text. */
  leadsToText(declaring: Id, nameId: Id): boolean {
    const name = this.#texts.get(nameId);
    return (name !== undefined && TEXTS.includes(name)) || (name === 'value' && this.isString(declaring));
  }

  isString(classId: Id): boolean {
    return this.#nameOfClass(classId) === 'java.lang.String';
  }

  isEnumMapField(declaring: Id, nameId: Id, name: string): boolean {
    return this.#texts.get(nameId) === name && this.#nameOfClass(declaring) === ENUM_MAP;
  }

  isProperties(classId: Id): boolean {
    return this.#nameOfClass(classId) === PROPERTIES;
  }
}
