import { madeUpBytes } from './made-up-bytes.js';

/**
 * Secrets of documentation: words that manuals, tutorials and templates give as the key of HMAC. Not secret;
 * what is signed with one can be forged by every reader. Tried on the tokens of a dump, so a list of words
 * must stay short.
 */
const DOCUMENTED: readonly (readonly [source: string, words: string])[] = [
  [
    'jwt.io, the secrets of its examples',
    `your-256-bit-secret your-384-bit-secret your-512-bit-secret a-string-secret-at-least-256-bits-long
    a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long
    a-valid-string-secret-that-is-at-least-384-bits-long secret`,
  ],
  [
    'a manual: one of the most usual words',
    `changeme your-secret-key your_secret_key your-secret mysecret my-secret my-secret-key secretkey
    secret-key secret_key supersecret super-secret jwt-secret jwt_secret jwtsecret password key test 123456`,
  ],
  [
    'a manual: the name of the secret itself',
    `secret-key secret_key secretkey secretKey SECRET SECRET_KEY SECRETKEY Secret mysecret my-secret my_secret
    mySecret my-secret-key my_secret_key mysecretkey mySecretKey MySecretKey MY_SECRET MY_SECRET_KEY
    your-secret your_secret yoursecret your-secret-key your_secret_key yoursecretkey YOUR_SECRET
    YOUR_SECRET_KEY yourSecretKey YourSecretKey your-secret-here your_secret_here your-secret-key-here
    your_secret_key_here YOUR_SECRET_HERE YOUR_SECRET_KEY_HERE
    the-secret some-secret some_secret somesecret asecret aSecret a-secret this-is-a-secret thisisasecret
    thisIsASecret this_is_a_secret this-is-secret thisismysecret thisismysecretkey ThisIsMySecretKey
    this-is-my-secret thisisasecretkey this_is_a_secret_key ThisIsASecretKey thisisthesecretkey
    topsecret top-secret top_secret TopSecret TOPSECRET top-secret-key very-secret verysecret very_secret
    verysecretkey very-secret-key supersecret super-secret super_secret superSecret SuperSecret SUPER_SECRET
    supersecretkey super-secret-key super_secret_key superSecretKey SuperSecretKey supersecretkey123
    super-secret-string super_secret_string supersecretstring shhhhh shhhhhh shhhhhared-secret shhhh shhh
    secret123 secret1 secret2 secrets s3cr3t s3cret S3cr3t sekret sekrit not-so-secret notsosecret
    my-super-secret my_super_secret mysupersecret my-super-secret-key my_super_secret_key mysupersecretkey`,
  ],
  [
    'a manual: the name of a secret for JSON Web Tokens',
    `jwt jwt-secret jwt_secret jwtsecret jwtSecret JWT_SECRET JwtSecret JWTSECRET jwt-secret-key
    jwt_secret_key jwtsecretkey jwtSecretKey JWT_SECRET_KEY JWTSecretKey jwt-key jwt_key jwtkey
    my-jwt-secret my_jwt_secret myjwtsecret myJwtSecret MyJwtSecret my-jwt-secret-key my_jwt_secret_key
    your-jwt-secret your_jwt_secret yourjwtsecret YOUR_JWT_SECRET your-jwt-secret-key your_jwt_secret_key
    your-jwt-secret-here your_jwt_secret_here your_jwt_secret_key_here your-jwt-secret-key-here
    YOUR_JWT_SECRET_HERE super-secret-jwt super_secret_jwt super-secret-jwt-key super_secret_jwt_key
    your-super-secret-jwt-key your_super_secret_jwt_key your-super-secret-key your_super_secret_key
    your_super_secret_jwt_key_here your-super-secret-jwt-key-here
    your-super-secret-jwt-key-change-in-production your-super-secret-jwt-key-change-this-in-production
    your-super-secret-jwt-token-with-at-least-32-characters-long
    super-secret-jwt-token-with-at-least-32-characters-long your-secret-key-change-in-production
    your-secret-key-change-this-in-production your_jwt_secret_key_change_this_in_production
    secret-jwt-key jwt_token_secret access_token_secret refresh_token_secret ACCESS_TOKEN_SECRET
    REFRESH_TOKEN_SECRET token-secret token_secret tokensecret tokenSecret TOKEN_SECRET accesstokensecret`,
  ],
  [
    'a template: to be changed',
    `changeme change-me change_me changeMe ChangeMe CHANGEME CHANGE_ME change-this change_this changethis
    change-this-secret changethissecret change-this-in-production change_this_in_production
    changeme-in-production change-me-in-production CHANGE_ME_IN_PRODUCTION please-change-me
    pleasechangeme please-change-this replace-me replace_me replaceme REPLACE_ME tobemodified
    dev development dev-secret dev_secret devsecret dev-secret-key development-secret test-secret test_secret
    testsecret test-key test_key testkey test-secret-key testing test123 default default-secret default_secret
    defaultsecret default-secret-key insecure insecure-secret not-secure unsafe placeholder example
    example-secret example_key example-key dummy dummy-secret fallback-secret fallback_secret
    DEFAULT_SECRET_FOR_DEV_ONLY dev-only-secret`,
  ],
  [
    'a manual: a word',
    `key private privatekey private-key private_key mykey my-key my_key mytoken token foo bar foobar hello
    helloworld test password passw0rd password123 Password123 admin root user guest qwerty letmein abc123
    123456 1234567 12345678 123456789 1234567890 12345 1234 123 abc abcdef abcdefg asdf asdfgh hunter2 hmac
    signature sign signing-key signing_key signingkey session sessionsecret session-secret session_secret
    cookie-secret keyboardcat keyboard-cat app-secret app_secret appsecret api-secret api_secret apisecret
    gfg_jwt_secret_key shared-secret shared_secret sharedsecret hs256-secret`,
  ],
];

/** Phrases with blanks, and secrets that are no words; parts of a list are joined. */
const PHRASES: readonly (readonly [source: string, ...phrases: (string | readonly string[])[]])[] = [
  ['Express and Connect, the session secret of the manual', 'keyboard cat'],
  [
    'the guide to JSON Web Tokens of Spring Boot tutorials',
    ['404E635266556A586E3272357538782F', '413F4428472B4B6250645367566B5970'],
  ],
  [
    "FastAPI's manual, OAuth2 with JWT",
    ['09d25e094faa6ca2556c818166b7a956', '3b93f7099f6f0f4caa6cf63b88e8d3e7'],
  ],
  ["Flask's manual, sessions", '_5#y2L"F4Q8z\\n\\xec]/'],
  [
    'RFC 7515, appendix A.1',
    ['AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr', '_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow'],
  ],
  ['RFC 7520, section 3.5', ['hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-', 'Onbc6mxCcYg']],
  [
    "NestJS's manual",
    'DO NOT USE THIS VALUE. INSTEAD, CREATE A COMPLEX SECRET AND KEEP IT SAFE OUTSIDE OF THE SOURCE CODE.',
  ],
  [
    'a manual: a phrase',
    'my secret',
    'my secret key',
    'super secret',
    'super secret key',
    'top secret',
    'your secret',
    'your secret key',
    'this is a secret',
    'secret key',
    'change me',
    'JWTs are the best!',
    'some secret',
    'shared secret',
    'correct horse battery staple',
  ],
];

/** Keys that a text may mean: its own octets, or what it encodes in base64 (jjwt) or hexadecimal. */
function* keysOf(text: string): Generator<Buffer> {
  yield Buffer.from(text, 'utf8');
  if (!/^[\w+/=-]{16,}$/.test(text)) return;
  yield Buffer.from(text, 'base64');
  if (/^(?:[0-9a-f]{2})+$/i.test(text)) yield Buffer.from(text, 'hex');
}

function* texts(): Generator<readonly [source: string, text: string]> {
  for (const [source, words] of DOCUMENTED) for (const word of words.split(/\s+/)) yield [source, word];
  for (const [source, ...phrases] of PHRASES)
    for (const phrase of phrases) yield [source, typeof phrase === 'string' ? phrase : phrase.join('')];
}

/**
 * Keys that programs are tried with: no words, and not random, so that no other search finds their octets. A
 * key of zeros is the empty key, of any length (RFC 2104, section 2).
 */
function* madeUpKeys(): Generator<Buffer> {
  yield Buffer.alloc(32);
  for (const length of [32, 48, 64]) {
    for (const byte of [0x01, 0xff]) yield Buffer.alloc(length, byte);
    for (const first of [0, 1]) yield Buffer.from(Array.from({ length }, (_, i) => first + i));
  }
  for (const character of 'aAxX01') yield Buffer.alloc(32, character);
}

interface DocumentedSecret {
  source: string;
  key: Buffer;
}

let known: ReadonlyMap<string, DocumentedSecret> | undefined;

function secrets(): ReadonlyMap<string, DocumentedSecret> {
  if (known !== undefined) return known;
  const all = new Map<string, DocumentedSecret>();
  for (const [source, text] of texts())
    for (const key of keysOf(text)) {
      const id = key.toString('latin1');
      if (!all.has(id)) all.set(id, { source, key });
    }
  for (const key of madeUpKeys()) all.set(key.toString('latin1'), { source: madeUpBytes(key)!, key });
  known = all;
  return all;
}

/** How many of them are the most usual: the first ones. */
export const USUAL_SECRETS = 24;

/** Every secret of documentation, once; the most usual first. */
export const documentationSecrets = (): Iterable<DocumentedSecret> => secrets().values();

/** Where the symmetric key is documented. */
export const documentedIn = (key: Uint8Array): string | undefined =>
  secrets().get(Buffer.from(key).toString('latin1'))?.source;
