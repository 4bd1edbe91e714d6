import type { KeyMaterial } from '../keys.js';
import { bareExponents, type ExponentFound } from './bare-exponents.js';
import { DigitSearch } from './digits.js';
import type { Means } from './means.js';
import { PackedPlaces } from './packed.js';
import { usualFirst } from './rsa-key.js';
import { type RsaAnswer, type RsaRequest, rsaFound } from './rsa-search.js';
import type { RsaText } from './rsa-texts.js';
import { RsaWindows } from './rsa-windows.js';
import type { NumberFound, PublicKey } from './types.js';

/** What of a request others collect. */
type Collected = Pick<RsaRequest, 'kept' | 'length' | 'deep'> & {
  texts: readonly RsaText[];
  publicKeys: readonly PublicKey[];
};

/** RSA's half of a search: what is collected for it while the artifact is swept, and the keys that come of it. */
export class RsaHalf {
  readonly windows: RsaWindows;
  readonly digits: DigitSearch;
  readonly packed: PackedPlaces;
  readonly #means: Means;
  #exponents: readonly ExponentFound[] = [];

  constructor(means: Means) {
    const { kernel, bytes, shortfall } = means;
    this.#means = means;
    this.windows = new RsaWindows(shortfall);
    this.digits = new DigitSearch(kernel, bytes, this.windows, shortfall);
    this.packed = new PackedPlaces(shortfall);
  }

  /** What `searchRsa` works on, here or in another thread, once the whole artifact has been swept. The windows are handed over. */
  request({ texts, publicKeys, ...rest }: Collected): RsaRequest {
    return {
      windows: this.windows.finish(),
      runs: this.#means.runs.columns,
      digits: this.digits.places,
      packed: this.packed.places,
      // Copies: a message takes all of the buffer that a view shows a part of.
      texts: texts.map((text) => ({ ...text, octets: Buffer.from(Uint8Array.from(text.octets).buffer) })),
      publicKeys: publicKeys.map((key) => ({ ...key, spki: Uint8Array.from(key.spki) })),
      ...rest,
    };
  }

  /** Looks for n and d alone, which takes no windows: the thread that has the rest is the last to end. */
  lookForExponents(): void {
    this.#exponents = [...bareExponents(this.#means)];
  }

  /**
   * Keys of which n and d are here, and which neither the answer has nor a public key tells: of that d is looked for in more places,
   * but for its e alone, which anybody may have made up. Each once: of copies side by side every one is a pair with every other.
   */
  *exponentKeys(
    answer: RsaAnswer,
    publicKeys: readonly PublicKey[],
    proves: (material: KeyMaterial) => boolean,
  ): Generator<NumberFound> {
    const told = new Set(usualFirst(publicKeys).map(({ shown }) => idOf(shown)));
    const known = new Set([...rsaFound(answer)].map(({ n }) => n));
    for (const { n, e, ...found } of this.#exponents) {
      if (known.has(n) || told.has(idOf({ n, e })) || !proves(found.material)) continue;
      known.add(n);
      yield { ...found, evidence: ['the number here is d'], component: 'd' };
    }
  }
}

const idOf = ({ n, e }: { n: bigint; e: bigint }): string => `${n.toString(16)} ${e}`;
