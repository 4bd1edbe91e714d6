import { mergeNames } from '../../core/model/key-names.js';
import type { CertificateFacts, KeyFacts, KeyNames, TokenFacts } from '../../core/model/report.js';
import type { Judged } from '../../prove/judge/judged.js';
import { LINES } from './description.js';

/** Cap on the distinct tokens of one key. */
const MOST_TOKENS = 1_000;

type OwnerFacts = Pick<KeyFacts, 'certificates' | 'keyIds' | 'accounts' | 'tokens' | 'tokenCount'>;

/** Whose a key is, and what it has signed, according to all artifacts with it. Its size is bounded. */
export class KeyOwner {
  #certificates: readonly CertificateFacts[] = [];
  #names: KeyNames | undefined;
  /** Indexed by digest, since one token can be in every dump. */
  readonly #tokens = new Map<string, TokenFacts>();

  /** True if the dump says anything of the owner of the key. */
  static knows({ certificates, names, tokens, candidate }: Judged): boolean {
    return Boolean(certificates?.length || tokens?.length || names || candidate.names);
  }

  add({ artifact, certificates = [], names, tokens = [], candidate }: Judged): void {
    this.#names = mergeNames(this.#names, mergeNames(names, candidate.names));
    if (certificates.length > 0) this.#addCertificates(certificates);
    for (const { digest, ...token } of tokens) this.#addToken(digest, { artifact, ...token });
  }

  /** One entry a certificate: with its signature, if it was found anywhere with it. */
  #addCertificates(certificates: readonly CertificateFacts[]): void {
    const one = new Map<string, CertificateFacts>();
    for (const each of [...this.#certificates, ...certificates].sort(signedFirst)) {
      const key = JSON.stringify([each.issuer, each.serial, each.subject]);
      if (!one.has(key)) one.set(key, each);
    }
    this.#certificates = [...one.values()].slice(0, LINES);
  }

  #addToken(digest: string, token: TokenFacts): void {
    const known = this.#tokens.get(digest);
    if (known === undefined ? this.#tokens.size < MOST_TOKENS : byPlace(token, known) < 0)
      this.#tokens.set(digest, token);
  }

  facts(): OwnerFacts {
    const tokens = [...this.#tokens.values()].sort(byPlace).slice(0, LINES);
    return {
      ...(this.#certificates.length > 0 && { certificates: [...this.#certificates] }),
      ...this.#names,
      ...(tokens.length > 0 && { tokens, tokenCount: this.#tokens.size }),
    };
  }
}

const signedFirst = (a: CertificateFacts, b: CertificateFacts): number =>
  Number(b.signed) - Number(a.signed) || a.offset - b.offset;

const byPlace = (a: TokenFacts, b: TokenFacts): number => a.artifact - b.artifact || a.offset - b.offset;
