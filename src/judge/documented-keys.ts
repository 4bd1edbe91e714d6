import { Secret } from '../base/crypto/secret.js';
import type { Limit } from '../model/report.js';
import { documentationSecrets } from '../prove/documentation-secrets.js';
import { publishedHalf } from '../prove/identity-of-spki.js';
import type { Joiner } from './joiner.js';
import { isPublishedJwt, type Jwt, verifies } from './jwt.js';

/**
 * Verifications of one artifact (2 us each, 0.4 s in all): 400 tokens under every secret of documentation.
 */
const MOST = 200_000;
const SECONDS_EACH = 2e-6;

interface PlacedJwt {
  jwt: Jwt;
  offset: number;
}

/** A secret of documentation under which a token of the artifact verifies, at the place of that token. */
export interface DocumentedKey {
  key: Secret;
  source: string;
  offset: number;
  length: number;
}

const lengthOf = ({ signed, signature }: Jwt): number =>
  signed.length + 1 + Math.ceil((signature.length * 4) / 3);

/** Tokens of one header are likely of one service, which has one key. */
const headerOf = ({ jwt: { signed } }: PlacedJwt): string => signed.slice(0, signed.indexOf('.'));

/** The first token of each header before all others, in the order of the file. */
function firstsFirst(tokens: readonly PlacedJwt[]): PlacedJwt[] {
  const ordered = [...tokens].sort((a, b) => a.offset - b.offset);
  const seen = new Set<string>();
  const firsts = new Set<PlacedJwt>();
  for (const token of ordered) {
    const header = headerOf(token);
    if (!seen.has(header)) firsts.add(token);
    seen.add(header);
  }
  return [...firsts, ...ordered.filter((token) => !firsts.has(token))];
}

/**
 * Secrets of documentation that sign tokens of the artifact: every reader can forge such tokens. The dump
 * need not contain the secret. Tokens that were published themselves are left out.
 */
export class DocumentedKeys {
  readonly #most: number;
  #untried = { count: 0, from: 0, to: 0 };

  /** `deep`: without a budget. */
  constructor(deep: boolean) {
    this.#most = deep ? Number.POSITIVE_INFINITY : MOST;
  }

  /** Each secret once, at the first token that it verifies. */
  *of(tokens: Iterable<PlacedJwt>): Generator<DocumentedKey> {
    const secrets = [...documentationSecrets()].map(({ source, key }) => ({ source, key: new Secret(key) }));
    const found = new Set<(typeof secrets)[number]>();
    let left = this.#most;
    const mac = [...tokens].filter(({ jwt }) => jwt.algorithm.type === 'oct');
    for (const token of firstsFirst(mac)) {
      const { jwt, offset } = token;
      if ([...found].some(({ key }) => verifies(jwt, key)) || isPublishedJwt(jwt)) continue;
      if (left < secrets.length) {
        this.#skip(token);
        continue;
      }
      left -= secrets.length;
      const signer = secrets.find(({ key }) => verifies(jwt, key));
      if (signer === undefined) continue;
      found.add(signer);
      yield { ...signer, offset, length: lengthOf(jwt) };
    }
  }

  #skip({ jwt, offset }: PlacedJwt): void {
    const { count, from, to } = this.#untried;
    this.#untried = {
      count: count + 1,
      from: count === 0 ? offset : Math.min(from, offset),
      to: Math.max(to, offset + lengthOf(jwt)),
    };
  }

  limits(): Limit[] {
    const { count, from, to } = this.#untried;
    if (count === 0) return [];
    const left = count * [...documentationSecrets()].length;
    const reason = `${count} tokens were not tried under secrets of documentation: the budget was spent`;
    const estimate = Math.ceil(left * SECONDS_EACH);
    return [
      { offset: from, length: to - from, search: 'hmac-documented', target: 'blind', reason, left, estimate },
    ];
  }
}

/** A published key by its public half, at the first token that it verifies. */
interface PublishedPair {
  /** DER SubjectPublicKeyInfo. */
  spki: Secret;
  algorithm: string;
  offset: number;
  length: number;
}

/** Published keys whose public half is in the artifact beside a token that verifies under it. */
export function* publishedPairs(joiner: Joiner): Generator<PublishedPair> {
  for (const { spki } of joiner.publicKeys()) {
    const half = publishedHalf(spki);
    if (half?.status !== 'proven') continue;
    const { jwts, inUse } = joiner.join({ canonicalSpki: half.canonicalSpki });
    const [offset] = jwts;
    const token = [...joiner.tokens()].find((each) => each.offset === offset);
    if (offset === undefined || token === undefined || !inUse) continue;
    const { algorithm } = half.facts;
    yield { spki: new Secret(spki), algorithm, offset, length: lengthOf(token.jwt) };
  }
}
