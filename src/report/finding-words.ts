import type { Finding } from '../core/model/report.js';
import { shorten } from './text.js';

/** A rule's title may be as long as its author likes. */
const TITLE = 200;

const CONFIDENCE = {
  proven: 'proven',
  high: 'confidence high',
  medium: 'confidence medium',
  low: 'confidence low',
};

/** What the secret is: `RSA 2048 private key`, `HMAC secret that signs JSON Web Tokens`. */
export function titleText({ title, key, kind, proof }: Finding): string {
  if (kind === 'symmetric-key' && /HMAC secret$|^symmetric key$/.test(title)) {
    const signs = proof.some((each) => each.startsWith('verifies the JWT'))
      ? ' that signs JSON Web Tokens'
      : '';
    return `${signs === '' ? title : title.replace('symmetric key', 'HMAC secret')}${signs}`;
  }
  if (key === undefined) return shorten(title, TITLE);
  const { algorithm, curve, bits } = key;
  const size = curve === algorithm ? undefined : (curve ?? bits);
  const plain = `${algorithm} private key`;
  const sized =
    size === undefined || algorithm.includes(String(size)) ? plain : `${algorithm} ${size} private key`;
  return shorten(
    title.replace(plain, () => sized),
    TITLE,
  );
}

export const confidenceText = ({ confidence }: Finding): string =>
  CONFIDENCE[confidence] ?? `confidence ${confidence}`;

/** `RSA 2048 private key, proven`. */
export const namedText = (finding: Finding): string => `${titleText(finding)}, ${confidenceText(finding)}`;
