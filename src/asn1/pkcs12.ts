import { type Der, explicit, TAG } from './der.js';
import { OID } from './oids.js';

/** PFX (RFC 7292, 4), recognised and not decrypted. */
export interface PfxRead {
  whole: boolean;
  end: number;
  /** A key bag's name stands in the clear, as it does in what openssl, Java and Windows write for a private key. */
  keyBag: 'shrouded' | 'clear' | 'none';
}

const shrouded = Buffer.from(OID.shroudedKeyBag, 'hex');
const clear = Buffer.from(OID.keyBag, 'hex');

/** Contents of a PFX from its version on. */
export function readPfx(der: Der): PfxRead | undefined {
  if (der.small() !== 3) return undefined;
  const authSafe = der.enter(TAG.sequence);
  const type = authSafe?.oid();
  if (type !== OID.data && type !== OID.signedData) return undefined;
  const content = authSafe!.enter(explicit(0))?.next();
  if (content === undefined) return undefined;
  // macData may follow; what is left out of the clear here is only the certificates' part.
  if (der.peek() === TAG.sequence) der.next();
  const bytes = Buffer.from(
    der.bytes.buffer,
    der.bytes.byteOffset + content.start,
    content.end - content.start,
  );
  const keyBag = bytes.includes(shrouded) ? 'shrouded' : bytes.includes(clear) ? 'clear' : 'none';
  return { whole: der.done && content.whole, end: der.at, keyBag };
}
