import type { SearchContext } from '../core/search-context.js';
import type { PublicKey } from '../core/types.js';
import { AdjacentNpq } from './adjacent-npq.js';
import { DigitRuns } from './digit-runs.js';
import type { RsaRequest } from './rsa-search.js';
import type { RsaText } from './rsa-texts.js';
import { RsaWindows } from './rsa-windows.js';

/** What of a request others collect. */
type Collected = Pick<RsaRequest, 'kept' | 'length' | 'deep'> & {
  texts: readonly RsaText[];
  publicKeys: readonly PublicKey[];
};

/** RSA's half of a search: what is collected for it while the artifact is swept. */
export class RsaCollector {
  readonly windows: RsaWindows;
  readonly digits: DigitRuns;
  readonly packed: AdjacentNpq;
  readonly #means: SearchContext;

  constructor(means: SearchContext) {
    const { kernel, bytes, shortfall } = means;
    this.#means = means;
    this.windows = new RsaWindows(shortfall);
    this.digits = new DigitRuns(kernel, bytes, this.windows, shortfall);
    this.packed = new AdjacentNpq(shortfall);
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
}
