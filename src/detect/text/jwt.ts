import { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { Claims, Severity } from '../../core/model/report.js';
import type { Detector, HitGroup, SecretCandidate } from '../core/types.js';
import { setOf } from './pattern.js';
import { distinct, NOT_ADJACENT, placeOf, type TextWindow, textWindows } from './window.js';

/** JSON Web Tokens in compact form (RFC 7515, 7.1; RFC 7519), found by the start of their payload. */

/** Longest header and payload that are decoded, in characters. */
const HEADER_MAX = 8192;
const PAYLOAD_MAX = 16_384;
/** Longest claim that is reported, in characters. */
const CLAIM_MAX = 256;

/**
 * Signature lengths in octets by `alg` (RFC 7518, 3.1; RFC 8037; RFC 8812; RFC 9964 for ML-DSA). RSA
 * signatures are as long as the modulus: these sizes if other text follows the token, else any size from 1024
 * to 16384 bits.
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

/** Claims that identify the token without being secret or about its subject. */
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

/** Start of the base64url run that ends at `end`. */
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

/** Longest foreign text tried at the front of a header, in characters: a length byte, an escape. */
const MAX_FOREIGN = 4;
/** Base64 of `{"`, the start of every header and payload without white space. */
const OPENING = 'eyJ';
/** Openings tried before a dot. A header has one for each nested object. */
const MAX_OPENINGS = 8;

interface Header {
  start: number;
  header: Json;
}

function headerAt(text: string, start: number, dot: number): Header | undefined {
  const header = object(text.slice(start, dot), HEADER_MAX);
  return header !== undefined && isWord(header.alg) ? { start, header } : undefined;
}

/**
 * The header that ends at the dot. It starts at the front of its run, after a few foreign characters, or
 * after a longer text such as the signature of the previous token. A suffix of a header is never JSON: it has
 * unbalanced braces.
 */
function headerBefore(text: string, dot: number): Header | undefined {
  const first = runStart(text, dot);
  for (let start = first; start <= first + MAX_FOREIGN && start < dot; start++) {
    const header = text[start] === 'e' ? headerAt(text, start, dot) : undefined;
    if (header !== undefined) return header;
  }
  const run = text.slice(first, dot);
  let at = run.length;
  for (let i = 0; i < MAX_OPENINGS; i++) {
    at = run.lastIndexOf(OPENING, at - 1);
    if (at <= MAX_FOREIGN) return undefined;
    const header = headerAt(text, first + at, dot);
    if (header !== undefined) return header;
  }
  return undefined;
}

interface Signature {
  end: number;
  /** Undefined if it is not base64url. */
  octets: number | undefined;
  /** More base64url follows that is no token. */
  continues: boolean;
}

/**
 * The signature that starts at `start`. Adjacent strings in memory may have no separator (Go has none after a
 * string that fills its slot), so a run that is too long, or continues with another token, is cut at the
 * algorithm's length.
 */
function signatureAt(text: string, start: number, alg: string): Signature {
  const end = runEnd(text, start);
  const sizes = SIGNATURES.get(alg) ?? [];
  for (const octets of sizes) {
    const cut = start + Math.ceil((octets * 4) / 3);
    if (cut < end && text.startsWith(OPENING, cut) && base64url(text.slice(start, cut)))
      return { end: cut, octets, continues: false };
  }
  const octets = base64url(text.slice(start, end))?.length;
  const only = sizes.length === 1 ? sizes[0]! : 0;
  const cut = start + Math.ceil((only * 4) / 3);
  if (only === 0 || cut >= end || !base64url(text.slice(start, cut)))
    return { end, octets, continues: false };
  return { end: cut, octets: only, continues: true };
}

const isOf = (sizes: readonly number[], octets: number): boolean =>
  sizes === RSA ? octets >= RSA[0]! && octets <= RSA.at(-1)! : sizes.includes(octets);

interface Token {
  start: number;
  end: number;
  header: Json;
  payload: Json;
  signature: Signature;
  /** Has the dot before its signature. */
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
    : { end: payloadEnd, octets: 0, continues: false };
  return { ...before, payload, end: signature.end, signature, whole };
}

function* tokens({ text, hits }: TextWindow): Iterable<Token> {
  for (const { at, length } of hits) {
    const dot = text.indexOf('.', at);
    const token = dot >= 0 && dot < at + length ? tokenAt(text, dot) : undefined;
    if (token !== undefined) yield token;
  }
}

type Worth = Pick<SecretCandidate, 'confidence' | 'severity' | 'title' | 'evidence' | 'notes'>;

/** RFC 7519's and jwt.io's own example tokens, by their subjects. */
const isExample = ({ payload }: Token): boolean =>
  payload.sub === '1234567890' || payload['http://example.com/is_root'] === true;

function worth(token: Token): Worth {
  const alg = String(token.header.alg);
  const evidence: string[] = [];
  const notes: string[] = [];
  let severity: Severity | undefined;
  const { octets, continues } = token.signature;
  const sizes = SIGNATURES.get(alg);
  const fits = octets !== undefined && sizes !== undefined && isOf(sizes, octets);
  if (!token.whole) notes.push('truncated: its signature is missing');
  else if (sizes === undefined) notes.push('its algorithm is not a registered one');
  else if (!fits) notes.push('its signature does not have the length of its algorithm');
  else if (continues) notes.push('its end is assumed: more base64url follows its signature directly');
  else if (alg !== 'none') evidence.push('signature has the length of its algorithm');
  if (alg === 'none') {
    notes.push('unsigned (alg none): a service that accepts it accepts any token');
    severity = 'info';
  }
  if (isExample(token)) {
    notes.push('looks like a placeholder: the example token of documentation');
    severity = 'info';
  }
  const issuer = issuerOf(token.payload);
  if (issuer !== undefined && severity === undefined && fits)
    severity = token.payload.exp === undefined ? issuer.withoutExpiry : issuer.severity;
  return {
    confidence: evidence.length > 0 && severity !== 'info' ? 'high' : 'low',
    evidence,
    notes,
    ...definedFields({ severity, title: issuer?.title }),
  };
}

function candidate(group: HitGroup, window: TextWindow, token: Token): SecretCandidate {
  const place = placeOf(group, window, token.start, token.end);
  const judged = worth(token);
  if (place.notAdjacentInMemory) {
    judged.confidence = 'low';
    judged.notes.push(NOT_ADJACENT);
  }
  return {
    type: 'candidate',
    rule: group.rule,
    ...place,
    secret: Secret.text(window.text.slice(token.start, token.end)),
    ...judged,
    encoding: 'jwt',
    partial: !token.whole,
    preview: `eyJ… (${token.end - token.start})`,
    claims: claimsOf(token.header, token.payload),
  };
}

/** Characters of the shortest header `{"alg":""}`, and of the shortest payload `{"":0}` after the anchor. */
const MIN_LENGTH = { before: 14, after: 5 };
const ALPHABET = setOf('0-9A-Za-z_-');

/**
 * The `jwt` detector. A token has the severity of its rule (low) or of its issuer; its expiry at the time of
 * the dump and a key that verifies it are judged later.
 */
export const jwt: Detector = {
  name: 'jwt',
  needs: () => () => [
    {
      type: 'beside',
      before: new Array(MIN_LENGTH.before).fill(ALPHABET),
      after: new Array(MIN_LENGTH.after).fill(ALPHABET),
    },
  ],
  *examine(group) {
    const { before, after } = group.rule.window;
    for (const { window, found } of distinct(textWindows(group, before, after), tokens))
      yield candidate(group, window, found);
  },
};

/** What the claims of a JSON Web Token say of its issuer: which tokens open more than one application. */

type JwtIssuersJson = Readonly<Record<string, unknown>>;

interface Issuer {
  title: string;
  /** Severity of a token that expires, and of one that does not. */
  severity: Severity;
  withoutExpiry: Severity;
}

interface IssuerRow extends Issuer {
  issued(issuer: string, payload: JwtIssuersJson): boolean;
}

const isText = (value: unknown): value is string => typeof value === 'string';

const ISSUERS: readonly IssuerRow[] = [
  {
    title: 'Kubernetes service account token',
    severity: 'medium',
    // A legacy token has no expiry, like a password.
    withoutExpiry: 'high',
    issued: (issuer, payload) =>
      issuer === 'kubernetes/serviceaccount' || typeof payload['kubernetes.io'] === 'object',
  },
  {
    // The metadata service issues them too, for a managed identity.
    title: 'Microsoft Entra access token',
    severity: 'medium',
    withoutExpiry: 'medium',
    issued: (issuer, payload) =>
      /^https:\/\/(?:sts\.windows\.net|login\.microsoftonline\.(?:com|us))\//.test(issuer) &&
      (isText(payload.appid) || isText(payload.azp) || isText(payload.scp) || payload.idtyp === 'app'),
  },
];

/** The issuer of a token with these claims, if the table has it. */
function issuerOf(payload: JwtIssuersJson): Issuer | undefined {
  const { iss } = payload;
  return isText(iss) ? ISSUERS.find(({ issued }) => issued(iss, payload)) : undefined;
}
