import { publishedFingerprint } from '../prove/published.js';

/**
 * Tokens in the public source and in every binary of a program: finding one is no leak. By the fingerprint in
 * a report, with the place of publication. The tokens are not in this file.
 */
const PUBLISHED_TOKENS: ReadonlyMap<string, string> = new Map([
  [
    'v1:3d7a547246ea31856e2d61250d00a9d42949104a0ff99ccdef096d42d42933e8',
    [
      "Electron's own key for Google's geolocation service (atom/common/google_api_key.h)",
      'which is in the environment of its processes',
    ].join(', '),
  ],
]);

/** Where the token or key with this fingerprint was published; undefined if it was not. */
export function publishedToken(fingerprint: string | undefined): string | undefined {
  if (fingerprint === undefined) return undefined;
  return PUBLISHED_TOKENS.get(fingerprint) ?? publishedFingerprint(fingerprint);
}
