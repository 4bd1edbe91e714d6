import { Der, explicit, TAG } from './der.js';
import { OID } from './oids.js';
import { bitString, integer, oid, sequence, tagged } from './write.js';

/**
 * Certificates around unsigned parts, for OpenSSL to read names and dates from. Their signature is empty:
 * they verify under no key.
 */

const ALGORITHM = sequence(oid(OID.ecdsaWithSha256));
const NO_SIGNATURE = bitString(new Uint8Array(0));
const ZERO = integer(new Uint8Array(0));
const VERSION_3 = tagged(0, integer(Uint8Array.of(2)));
const NO_NAME = sequence();

/** A certificate with this TBSCertificate (RFC 5280, 4.1). */
export const unsignedCertificate = (tbs: Uint8Array): Uint8Array => sequence(tbs, ALGORITHM, NO_SIGNATURE);

/** UTCTime 700101000000Z: a request has no validity. */
const EPOCH = Buffer.concat([Buffer.of(0x17, 13), Buffer.from('700101000000Z', 'latin1')]);

/** A certificate with subject, key and extensions of a CertificationRequestInfo (RFC 2986, 4.1). */
export function requestAsCertificate(info: Uint8Array): Uint8Array | undefined {
  const request = new Der(info).enter(TAG.sequence);
  request?.next(TAG.integer);
  const [subject, key] = [element(request), element(request)];
  if (subject === undefined || key === undefined) return undefined;
  const extensions = requestedExtensions(request!);
  const validity = sequence(EPOCH, EPOCH);
  const rest = extensions === undefined ? [] : [tagged(3, extensions)];
  return unsignedCertificate(sequence(VERSION_3, ZERO, ALGORITHM, NO_NAME, validity, subject, key, ...rest));
}

/** The next element, which is a SEQUENCE, with its header. */
function element(der: Der | undefined): Uint8Array | undefined {
  const tlv = der?.next(TAG.sequence);
  return tlv && der!.bytes.subarray(tlv.at, tlv.end);
}

/** Cap on attributes of a request. */
const MOST_ATTRIBUTES = 64;

function requestedExtensions(request: Der): Uint8Array | undefined {
  const attributes = request.enter(explicit(0));
  for (let count = 0; count < MOST_ATTRIBUTES && attributes?.peek() === TAG.sequence; count++) {
    const attribute = attributes.enter(TAG.sequence);
    if (attribute?.oid() === OID.extensionRequest) return element(attribute.enter(TAG.set));
  }
  return undefined;
}
