import { type Der, explicit, TAG } from './der.js';
import { OID } from './oids.js';

/** PFX (RFC 7292, 4): recognised, not decrypted. */
export interface PfxRead {
  whole: boolean;
  end: number;
  /** Key bag whose OID is unencrypted, as openssl, Java and Windows write it for a private key. */
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
  // macData may follow.
  if (der.peek() === TAG.sequence) der.next();
  const bytes = Buffer.from(
    der.bytes.buffer,
    der.bytes.byteOffset + content.start,
    content.end - content.start,
  );
  const keyBag = bytes.includes(shrouded) ? 'shrouded' : bytes.includes(clear) ? 'clear' : 'none';
  return { whole: der.done && content.whole, end: der.at, keyBag };
}
