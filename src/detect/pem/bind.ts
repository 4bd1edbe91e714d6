import { trimmed } from '../../core/base/bytes/integers.js';
import { Secret } from '../../core/base/crypto/secret.js';
import type { EcMaterial, OkpMaterial, RsaMaterial } from '../../core/model/key-material.js';
import { Base64Run } from '../core/base64-run.js';
import { type Characters, isLineEnd } from '../core/characters.js';

/**
 * DNSSEC private key files (BIND 9, lib/dns/dst_parse.c), written by dnssec-keygen and read by BIND, PowerDNS
 * and ldns.
 *
 *     Private-key-format: v1.3
 *     Algorithm: 13 (ECDSAP256SHA256)
 *     PrivateKey: <base64>
 */

export const BIND_MAGIC = 'Private-key-format: v1.';

/** Fields of an RSA key (RFC 8017, A.1.2) in file order. */
const RSA_FIELDS = {
  Modulus: 'n',
  PublicExponent: 'e',
  PrivateExponent: 'd',
  Prime1: 'p',
  Prime2: 'q',
  Exponent1: 'dp',
  Exponent2: 'dq',
  Coefficient: 'qinv',
} as const;
type Material = RsaMaterial | EcMaterial | OkpMaterial;
type RsaField = keyof typeof RSA_FIELDS;
type Field = RsaField | 'Private-key-format' | 'Algorithm' | 'PrivateKey';

const isRsaField = (name: string): name is RsaField => Object.hasOwn(RSA_FIELDS, name);
const isField = (name: string): name is Field =>
  isRsaField(name) || name === 'Private-key-format' || name === 'Algorithm' || name === 'PrivateKey';

/** Readers of PrivateKey by algorithm number (IANA, DNS Security Algorithm Numbers; RFC 6605, RFC 8080). */
const ALGORITHMS = new Map<number, (key: Uint8Array) => Material | undefined>([
  [13, ec('P-256', 32)],
  [14, ec('P-384', 48)],
  [15, okp('Ed25519', 32)],
  [16, okp('Ed448', 57)],
]);

/** The scalar may lack leading zeros. */
function ec(curve: string, octets: number) {
  return (key: Uint8Array): EcMaterial | undefined =>
    key.length > octets - 4 && key.length <= octets
      ? { type: 'ec', curve, d: new Secret(trimmed(key)) }
      : undefined;
}

function okp(curve: 'Ed25519' | 'Ed448', octets: number) {
  return (key: Uint8Array): OkpMaterial | undefined =>
    key.length === octets ? { type: 'okp', curve, seed: new Secret(key) } : undefined;
}

/** Longest name and value, in characters: the modulus of RSA-16384 in base64. */
const LONGEST = { name: 20, value: 2736 };
/** Lines before the last anchor of a key: format, algorithm, and three of RSA. */
const MAX_LINES_BEFORE = 5;
const COLON = 0x3a;
const SPACE = 0x20;
const isPrintable = (code: number): boolean => code >= SPACE && code < 0x7f;

interface Line {
  name: Field;
  /** Indices of the value. */
  from: number;
  to: number;
  /** Index of the next line. */
  next: number;
  /** Has its line end. */
  ended: boolean;
}

/** The `Name: value` line of a known field at `at`. */
function lineAt(text: Characters, at: number): Line | undefined {
  let name = '';
  let code = text.read(at);
  for (; code !== COLON; code = text.read(text.next)) {
    if (!isPrintable(code) || name.length === LONGEST.name) return undefined;
    name += String.fromCharCode(code);
  }
  if (!isField(name) || text.read(text.next) !== SPACE) return undefined;
  const from = text.next;
  let to = from;
  for (code = text.read(to); isPrintable(code) && to - from < LONGEST.value; code = text.read(to))
    to = text.next;
  return { name, from, to, next: text.skipLineEnds(to), ended: isLineEnd(code) };
}

/** The number of `13 (ECDSAP256SHA256)`, at the end of a line whose front may be lost. */
const algorithmIn = (line: string): number => Number(/(?:^| )(\d{1,3}) \([A-Za-z0-9-]+\)$/.exec(line)?.[1]);

/** First line of the key with a line at `at`, and the algorithm in the rest of the line before it. */
function startOf(text: Characters, at: number, floor: number): { start: number; algorithm: number } {
  let start = at;
  for (let lines = 0; lines < MAX_LINES_BEFORE && start > floor && text.code(start - 1) === 10; lines++) {
    const end = start - 1;
    const lowest = Math.max(floor, end - LONGEST.name - LONGEST.value);
    let begin = end;
    while (begin > lowest && isPrintable(text.code(begin - 1))) begin--;
    if (lineAt(text, begin) === undefined) {
      const from = Math.max(begin, end - 64);
      return { start, algorithm: algorithmIn(text.slice(from, end - from)) };
    }
    start = begin;
  }
  return { start, algorithm: Number.NaN };
}

export interface BindRead {
  /** Characters [start, stop) were read. */
  start: number;
  stop: number;
  whole: boolean;
  material: Material;
}

/**
 * Reads the key that has a line at `at`: not always its first line, because `free` overwrites 16 or 32 bytes
 * at the front. Characters before `floor` are not read.
 */
export function readBind(text: Characters, at: number, floor: number): BindRead | undefined {
  const first = startOf(text, at, floor);
  const { start } = first;
  let { algorithm } = first;
  let stop = start;
  let ended = true;
  const values = new Map<Field, Uint8Array>();
  for (let line = lineAt(text, start); line !== undefined && ended; line = lineAt(text, stop)) {
    const { name, from, to } = line;
    if (values.has(name)) break;
    ({ next: stop, ended } = line);
    values.set(name, new Base64Run(text, from, to).decode(0));
    if (name === 'Algorithm') algorithm = algorithmIn(text.slice(from, to - from));
  }
  const key = values.get('PrivateKey');
  const material = key === undefined ? rsaOf(values) : ALGORITHMS.get(algorithm)?.(key);
  if (material === undefined) return undefined;
  const all = key !== undefined || Object.keys(RSA_FIELDS).every((name) => values.has(name as Field));
  return { start, stop, whole: ended && all, material };
}

/** Shortest prime factor, in octets. */
const MIN_PRIME = 32;

function rsaOf(values: ReadonlyMap<Field, Uint8Array>): RsaMaterial | undefined {
  const material: RsaMaterial = { type: 'rsa' };
  for (const [field, value] of values) {
    if (!isRsaField(field)) continue;
    const [name, number] = [RSA_FIELDS[field], trimmed(value)];
    if (name === 'n' || name === 'e') material[name] = Uint8Array.from(number);
    else if (number.length > 0) material[name] = new Secret(number);
  }
  const { n, d, p, q } = material;
  const long = (part: { length: number } | undefined) => part !== undefined && part.length >= MIN_PRIME;
  return long(p) && long(q ?? n) ? material : long(d) && long(n) ? material : undefined;
}
