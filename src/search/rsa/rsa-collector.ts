import type { SearchContext } from '../core/search-context.js';
import type { PublicKey } from '../core/types.js';
import { DigitRuns } from './digit-runs.js';
import type { RsaRequest } from './rsa-request.js';
import type { RsaText } from './rsa-texts.js';
import { RsaWindows } from './rsa-windows.js';

/** The parts of a request that come from elsewhere. */
type Collected = Pick<RsaRequest, 'runCache' | 'length' | 'effort' | 'scale'> & {
  texts: readonly RsaText[];
  publicKeys: readonly PublicKey[];
};

/** Collects the numbers for the RSA search while the artifact is swept. */
export class RsaCollector {
  readonly windows: RsaWindows;
  readonly digits: DigitRuns;
  readonly #context: SearchContext;

  constructor(context: SearchContext) {
    const { kernel, bytes, skippedWork } = context;
    this.#context = context;
    this.windows = new RsaWindows(skippedWork);
    this.digits = new DigitRuns(kernel, bytes, this.windows, skippedWork);
  }

  /**
   * Input of `searchRsa`, in this thread or another, once the whole artifact has been swept. Hands the
   * windows over.
   */
  request({ texts, publicKeys, ...rest }: Collected): RsaRequest {
    return {
      windows: this.windows.finish(),
      runs: this.#context.runs.columns,
      digits: this.digits.columns,
      // Copies: a message to a thread takes the whole buffer of a view.
      texts: texts.map((text) => ({ ...text, octets: Buffer.from(Uint8Array.from(text.octets).buffer) })),
      publicKeys: publicKeys.map((key) => ({ ...key, spki: Uint8Array.from(key.spki) })),
      ...rest,
    };
  }
}
