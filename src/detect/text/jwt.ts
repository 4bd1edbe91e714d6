import { Secret } from '../../base/crypto/secret.js';
import type { Claims, Severity } from '../../model/report.js';
import type { Candidate, Detector, HitGroup } from '../core/types.js';
import { setOf } from './pattern.js';
import { adjacentInMemory, distinct, type TextWindow, textWindows } from './window.js';

/** JSON Web Tokens in compact form (RFC 7515, section 7.1; RFC 7519), found by the `.eyJ` between header and payload. */

/** Longest header and payload that are decoded, in characters. */
const HEADER_MAX = 8192;
const PAYLOAD_MAX = 16_384;
/** Longest claim that is kept, in characters. */
const CLAIM_MAX = 256;

/**
 * Octets of signatures by `alg` (RFC 7518, section 3.1; RFC 8037; RFC 8812; RFC 9964 for ML-DSA). RSA signatures are as long as
 * the modulus: of these sizes where the token does not end with them, of any from 1024 to 16384 bits where it does.
 */
const RSA: readonly number[] = [128, 192, 256, 384, 512, 768, 1024, 2048];
const SIGNATURES: ReadonlyMap<string, readonly number[]> = new Map(
  Object.entries({
    none: [0],
    HS256: [32],
    HS384: [48],
    HS512: [64],
    RS256: RSA,
    RS384: RSA,
    RS512: RSA,
    PS256: RSA,
    PS384: RSA,
    PS512: RSA,
    ES256: [64],
    ES256K: [64],
    ES384: [96],
    ES512: [132],
    EdDSA: [64, 114],
    Ed25519: [64],
    Ed448: [114],
    'ML-DSA-44': [2420],
    'ML-DSA-65': [3309],
    'ML-DSA-87': [4627],
  }),
);

type Json = Record<string, unknown>;

/** Base64url without padding and with zero bits at the end (RFC 7515, section 2), or undefined. */
function base64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

function object(text: string, most: number): Json | undefined {
  if (text.length > most) return undefined;
  const bytes = base64url(text);
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

const isWord = (value: unknown): value is string => typeof value === 'string' && value.length <= CLAIM_MAX;

/** What identifies the token to its owner and is no secret: nothing of the subject. */
function claimsOf(header: Json, payload: Json): Claims {
  const claims: Claims = {};
  for (const [name, value] of [
    ['alg', header.alg],
    ['kid', header.kid],
    ['iss', payload.iss],
  ] as const)
    if (isWord(value)) claims[name] = value;
  const { aud, exp } = payload;
  if (isWord(aud)) claims.aud = aud;
  else if (Array.isArray(aud)) claims.aud = aud.filter(isWord).slice(0, 16);
  if (typeof exp === 'number' && Number.isFinite(exp)) claims.exp = exp;
  return claims;
}

const BASE64URL = /[0-9A-Za-z_-]/;

/** Index of the first character of the base64url run that ends before `end`. */
function runStart(text: string, end: number): number {
  let start = end;
  while (start > 0 && BASE64URL.test(text[start - 1]!)) start--;
  return start;
}

function runEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && BASE64URL.test(text[end]!)) end++;
  return end;
}

/** Longest text glued to the front of a header that is tried without: a length byte, an escape. */
const GLUED = 4;
/** What every header and payload without white space begins with: `{"`. */
const OPENING = 'eyJ';
/** Openings before a dot that are tried behind other text. A header has as many as it has objects. */
const MOST_OPENINGS = 8;

interface Header {
  start: number;
  header: Json;
}

function headerAt(text: string, start: number, dot: number): Header | undefined {
  const header = object(text.slice(start, dot), HEADER_MAX);
  return header !== undefined && isWord(header.alg) ? { start, header } : undefined;
}

/**
 * The header that ends before the dot: it starts its run, or follows a few characters that are glued to it, or more of them that
 * end with another text, as the signature of a token before it. What begins within it is no JSON: it closes more than it opens.
 */
function headerBefore(text: string, dot: number): Header | undefined {
  const first = runStart(text, dot);
  for (let start = first; start <= first + GLUED && start < dot; start++) {
    const header = text[start] === 'e' ? headerAt(text, start, dot) : undefined;
    if (header !== undefined) return header;
  }
  const run = text.slice(first, dot);
  let at = run.length;
  for (let i = 0; i < MOST_OPENINGS; i++) {
    at = run.lastIndexOf(OPENING, at - 1);
    if (at <= GLUED) return undefined;
    const header = headerAt(text, first + at, dot);
    if (header !== undefined) return header;
  }
  return undefined;
}

interface Signature {
  end: number;
  /** Octets; undefined where it is not base64url. */
  octets: number | undefined;
  /** More of its alphabet follows, which begins no token. */
  goesOn: boolean;
}

/**
 * The signature that begins at `start`. What lies end to end in memory has no end of its own (Go leaves none behind a string that fills
 * its slot): where its run is of no length that the algorithm gives, or goes on with another token, it ends where one of these does.
 */
function signatureAt(text: string, start: number, alg: string): Signature {
  const end = runEnd(text, start);
  const sizes = SIGNATURES.get(alg) ?? [];
  for (const octets of sizes) {
    const cut = start + Math.ceil((octets * 4) / 3);
    if (cut < end && text.startsWith(OPENING, cut) && base64url(text.slice(start, cut)))
      return { end: cut, octets, goesOn: false };
  }
  const octets = base64url(text.slice(start, end))?.length;
  const only = sizes.length === 1 ? sizes[0]! : 0;
  const cut = start + Math.ceil((only * 4) / 3);
  if (only === 0 || cut >= end || !base64url(text.slice(start, cut))) return { end, octets, goesOn: false };
  return { end: cut, octets: only, goesOn: true };
}

const isOf = (sizes: readonly number[], octets: number): boolean =>
  sizes === RSA ? octets >= RSA[0]! && octets <= RSA.at(-1)! : sizes.includes(octets);

interface Token {
  start: number;
  end: number;
  header: Json;
  payload: Json;
  signature: Signature;
  /** The signature's dot is there. */
  whole: boolean;
}

function tokenAt(text: string, dot: number): Token | undefined {
  const before = headerBefore(text, dot);
  if (before === undefined) return undefined;
  const payloadEnd = runEnd(text, dot + 1);
  const payload = object(text.slice(dot + 1, payloadEnd), PAYLOAD_MAX);
  if (payload === undefined) return undefined;
  const whole = text[payloadEnd] === '.';
  const signature = whole
    ? signatureAt(text, payloadEnd + 1, String(before.header.alg))
    : { end: payloadEnd, octets: 0, goesOn: false };
  return { ...before, payload, end: signature.end, signature, whole };
}

function* tokens({ text, hits }: TextWindow): Iterable<Token> {
  for (const { at, length } of hits) {
    const dot = text.indexOf('.', at);
    const token = dot >= 0 && dot < at + length ? tokenAt(text, dot) : undefined;
    if (token !== undefined) yield token;
  }
}

type Worth = Pick<Candidate, 'confidence' | 'severity' | 'title' | 'evidence' | 'notes'>;

const isServiceAccount = ({ payload }: Token): boolean =>
  isWord(payload.iss) &&
  (payload.iss === 'kubernetes/serviceaccount' || typeof payload['kubernetes.io'] === 'object');

/** RFC 7519's and jwt.io's own example tokens, by their subjects. */
const isExample = ({ payload }: Token): boolean =>
  payload.sub === '1234567890' || payload['http://example.com/is_root'] === true;

function worth(token: Token): Worth {
  const alg = String(token.header.alg);
  const evidence: string[] = [];
  const notes: string[] = [];
  let severity: Severity | undefined;
  const { octets, goesOn } = token.signature;
  const sizes = SIGNATURES.get(alg);
  const fits = octets !== undefined && sizes !== undefined && isOf(sizes, octets);
  if (!token.whole) notes.push('cut short: its signature is missing');
  else if (sizes === undefined) notes.push('its algorithm is not a registered one');
  else if (!fits) notes.push('its signature is not of a length that its algorithm gives');
  else if (goesOn) notes.push('cut where its signature ends: more of its alphabet follows without a gap');
  else if (alg !== 'none') evidence.push('signature has the length that its algorithm gives');
  if (alg === 'none') {
    notes.push('unsigned (alg none): whoever accepts it accepts anything');
    severity = 'info';
  }
  if (isExample(token)) {
    notes.push('looks like a placeholder: the example token of documentation');
    severity = 'info';
  }
  // A legacy service account token has no expiry: it is a password of the cluster's.
  const eternal = isServiceAccount(token) && token.payload.exp === undefined;
  if (eternal && severity === undefined && fits) severity = 'high';
  return {
    confidence: evidence.length > 0 && severity !== 'info' ? 'high' : 'low',
    evidence,
    notes,
    ...(severity === undefined ? {} : { severity }),
    ...(isServiceAccount(token) ? { title: 'Kubernetes service account token' } : {}),
  };
}

function candidate({ rule, view, order }: HitGroup, window: TextWindow, token: Token): Candidate {
  const place = window.place(token.start, token.end);
  const notAdjacentInMemory = order === 'file' && !adjacentInMemory(view, place.offset, place.length);
  const judged = worth(token);
  if (notAdjacentInMemory) {
    judged.confidence = 'low';
    judged.notes.push('whole only in file order: its parts are not neighbours in memory');
  }
  return {
    type: 'candidate',
    rule,
    ...place,
    notAdjacentInMemory,
    secret: Secret.text(window.text.slice(token.start, token.end)),
    ...judged,
    encoding: 'jwt',
    partial: !token.whole,
    preview: `eyJ… (${token.end - token.start})`,
    claims: claimsOf(token.header, token.payload),
  };
}

/** The shortest header is `{"alg":""}`, the shortest payload `{"":0}`, whose first three characters the anchor has. */
const LEAST = { before: 14, after: 5 };
const ALPHABET = setOf('0-9A-Za-z_-');

/**
 * The `jwt` detector. A token alone is what its rule says (low): it is its expiry, against the dump's own time, and a key
 * that verifies it which change that, and both are known only to others.
 */
export const jwt: Detector = {
  name: 'jwt',
  needs: () => () => [
    {
      type: 'beside',
      before: new Array(LEAST.before).fill(ALPHABET),
      after: new Array(LEAST.after).fill(ALPHABET),
    },
  ],
  *examine(group) {
    const { before, after } = group.rule.window;
    for (const { window, found } of distinct(textWindows(group, before, after), tokens))
      yield candidate(group, window, found);
  },
};
