import { hmac } from '../../core/base/crypto/hmac.js';
import { type Derivation, equal, type SessionReader, type SessionToken } from './derivations.js';

/**
 * Cookies of ASP.NET 4.5 and later: IV, ciphertext and HMAC. The key is derived from the `validationKey` of
 * `machineKey` by SP 800-108 in counter mode with HMAC-SHA512, and a label for the purpose.
 */

/** Forms authentication writes hexadecimal, OWIN base64url. */
const FORMS = /^(?:[0-9A-F]{2}){52,}$/;
const OWIN = /^[0-9A-Za-z_-]{100,}$/;

/** Hashes of `validation`, the default first, with their octets. */
const HASHES: readonly [hash: string, octets: number][] = [
  ['sha256', 32],
  ['sha1', 20],
  ['sha512', 64],
];
/** Octets of HMAC-SHA512. */
const BLOCK = 64;

/** Purposes after the first are texts with their lengths before them. */
const contextOf = (purposes: readonly string[]): Buffer =>
  Buffer.concat(purposes.flatMap((purpose) => [Buffer.of(purpose.length), Buffer.from(purpose)]));

/** A derived key, as long as the master key. */
function derived(label: string, ...purposes: string[]): Derivation {
  const fixed = Buffer.concat([Buffer.from(label), Buffer.of(0), contextOf(purposes)]);
  const derive = (master: Uint8Array) => {
    const bits = Buffer.alloc(4);
    bits.writeUInt32BE(master.length * 8);
    const blocks = Array.from({ length: Math.ceil(master.length / BLOCK) }, (_, i) => {
      const counter = Buffer.alloc(4);
      counter.writeUInt32BE(i + 1);
      return hmac('sha512', master, counter, fixed, bits);
    });
    return Buffer.concat(blocks).subarray(0, master.length);
  };
  return { units: 2, derive };
}

const FORMS_KEY = derived('FormsAuthentication.Ticket');
const OWIN_KEY = derived(
  'User.MachineKey.Protect',
  'Microsoft.Owin.Security.Cookies.CookieAuthenticationMiddleware',
  'ApplicationCookie',
  'v1',
);

const tokenOf = (bytes: Buffer, derivation: Derivation): SessionToken => ({
  name: 'ASP.NET cookie',
  verb: 'signed',
  trials: HASHES.map(([hash, octets]) => ({
    derivation,
    verify: (key) =>
      bytes.length > octets && equal(hmac(hash, key, bytes.subarray(0, -octets)), bytes.subarray(-octets)),
  })),
});

export const aspNet: SessionReader = (text) => {
  if (FORMS.test(text)) return tokenOf(Buffer.from(text, 'hex'), FORMS_KEY);
  return OWIN.test(text) ? tokenOf(Buffer.from(text, 'base64url'), OWIN_KEY) : undefined;
};
