/**
 * Tokens that anyone can read in a program's public source and in every binary of it: no leak of whoever runs it. By the
 * fingerprint that a report bears, and where it was published; the tokens themselves stand nowhere here.
 */
const PUBLISHED_TOKENS: ReadonlyMap<string, string> = new Map([
  [
    'v1:3d7a547246ea31856e2d61250d00a9d42949104a0ff99ccdef096d42d42933e8',
    "Electron's own key for Google's geolocation service (atom/common/google_api_key.h), which it puts into the environment of its processes",
  ],
]);

/** Where the token with this fingerprint was published, if it was. */
export function publishedToken(fingerprint: string | undefined): string | undefined {
  return fingerprint === undefined ? undefined : PUBLISHED_TOKENS.get(fingerprint);
}
