import { createPublicKey } from 'node:crypto';
import { dumpElliptic, ELLIPTIC_CURVES } from '../../test/e2e/holders/elliptic.js';
import { dumpFreed } from '../../test/e2e/holders/freed-prime.js';
import { dumpJwkHolder, JWK_HOLDERS, jwkKeys } from '../../test/e2e/holders/jwk-members.js';
import { dumpLeftPart, dumpPlainExponent, LEFT_KEY, LEFT_PARTS } from '../../test/e2e/holders/left-part.js';
import { DIGIT_CURVES, DIGIT_FORMS, dumpDigits, inField } from '../../test/e2e/holders/v8-digits.js';
import { parts } from '../../test/search/harness.js';
import { LAYOUTS } from '../../test/search/memory.js';
import { ecFrom, rsaFrom } from '../../test/search/seeded.js';
import { writePrivate } from '../../test/support/secrets.js';
import { type Entry, holderOfNumbers } from './program.js';

/** Programs of test/e2e/holders, with the keys of the tests. */

const SIZES: Readonly<Record<string, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };

const elliptic = ELLIPTIC_CURVES.map(({ curve, openssl, library, size }) =>
  holderOfNumbers(`elliptic, ${curve}`, 'elliptic (bn.js)', [], async (folder) => {
    const { key, d } = ecFrom('elliptic', curve, openssl, size);
    return { path: await dumpElliptic(folder, { [library]: d }), keys: { [curve]: key } };
  }),
);

const rsaDigits = DIGIT_FORMS.map(({ encoding, bits, kind }) =>
  holderOfNumbers(`JavaScript digits, RSA, ${encoding}`, 'V8 arrays', [], async (folder) => {
    const rsa = rsaFrom(`v8 ${encoding}`, 2048);
    const { n, p, q } = parts(rsa);
    return { path: await dumpDigits(folder, [n!, p!, q!], bits, kind), keys: { rsa } };
  }),
);

const curveDigits = DIGIT_CURVES.map(({ curve, openssl }) =>
  holderOfNumbers(`JavaScript digits, ${curve}`, 'V8 arrays', [], async (folder) => {
    const { key, d, x, y } = ecFrom('v8', curve, openssl, SIZES[curve]!);
    const numbers = [d, inField(x, curve), inField(y, curve)];
    return { path: await dumpDigits(folder, numbers, 26, 'small'), keys: { [curve]: key } };
  }),
);

const jwkMembers = Object.entries(JWK_HOLDERS).map(([name, { needs }]) =>
  holderOfNumbers(`JWK members, ${name}`, 'JSON strings', needs, async (folder) => {
    const keys = jwkKeys(name);
    return { path: await dumpJwkHolder(name, folder, keys), keys };
  }),
);

const freedPrimes = ([2048, 4096] as const).flatMap((bits) =>
  (['limbs-le', 'bytes-be'] as const).map((layout) =>
    holderOfNumbers(
      `freed prime, RSA-${bits}, ${layout}, --find`,
      'glibc malloc',
      ['gcc'],
      async (folder) => {
        const rsa = rsaFrom('freed', bits);
        const path = await dumpFreed(folder, LAYOUTS[layout]!(parts(rsa).p!));
        const pem = createPublicKey(rsa).export({ type: 'spki', format: 'pem' }).toString();
        return { path, keys: { rsa }, find: writePrivate(folder, 'key.pub', pem) };
      },
    ),
  ),
);

const leftParts = LEFT_PARTS.map((part) =>
  holderOfNumbers(`openssl s_server, only ${part} left`, 'OpenSSL', ['openssl'], async (folder) => ({
    path: await dumpLeftPart(folder, part),
    keys: { rsa: LEFT_KEY },
  })),
);

const plainExponent = holderOfNumbers('Java, n and d', 'JCA', ['java', 'javac'], async (folder) => ({
  path: await dumpPlainExponent(folder),
  keys: { rsa: LEFT_KEY },
}));

export const numberHolders: readonly Entry[] = [
  ...elliptic,
  ...rsaDigits,
  ...curveDigits,
  ...jwkMembers,
  ...freedPrimes,
  ...leftParts,
  plainExponent,
];
