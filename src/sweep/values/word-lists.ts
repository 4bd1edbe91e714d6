/** Words of names that are the same for every row of a table; each sequence is run together. */

const split = (lines: readonly string[]): string[] => lines.flatMap((line) => line.split(' '));

/** Anywhere in a name, unless they belong to the row's own words: its value is no secret. */
export const NEGATIVE = split([
  'h1 public pub csrf xsrf nonce etag integrity sha sha1 sha224 sha256 sha384 sha512 md5 crc crc32 digest',
  'digests hash hashes checksum checksums fingerprint commit revision rev tree blob build guid uuid',
  'clsid iid version versions trace traceparent span correlation invocation boundary machine path file',
  'files filename dir url urls uri href src host hostname port length len size ttl expires expiry',
  'expiration timeout count policy keyboard keycode keyframe keyframes tokenizer foreign index type',
  'types format algorithm alg kid resolved nix store image layer manifest identity thumbprint serial',
  'sri module modulus exponent placeholder example regex pattern description label class method',
  'error errors function interface field cache snapshot locator viewport selector css svg icon',
  // Channels between processes of Chromium.
  'mojo pipe',
]);

/** Last in a name: it names a thing, not its secret. */
export const NAMES_A_THING = split(['id ids name names email user username arn endpoint']);

/** Last in a name, behind the words of a row: they do not change what it names. */
export const TRAILING = split([
  'prod production live dev development staging stage test testing sandbox primary secondary main default',
  'old new current previous next backup global local shared value val string str text raw data env var',
  'plain plaintext base64 b64 hex encoded',
]);

/** One word that is enough near a value; other single words count only in the value's own name. */
export const STRONG = new Set(
  split([
    'secret secrets token tokens apikey password passwd passphrase passcode credential credentials bearer',
    'authorization',
  ]),
);

/** Between a name and its value, as in HTTP's header Authorization. */
export const SCHEMES = split([
  'bearer basic token digest apikey geniekey splunk ssws bot oauth mac key pat sharedkey',
  'sharedaccesssignature',
]);

/** The second name of a pair such as `"name": "X", "value": "…"`. */
export const SECOND_OF_PAIR = split(['value val values string text content data']);
