import { readPrivateKey } from '../../core/asn1/private-key.js';
import type { KeyMaterial } from '../../core/model/key-material.js';
import { readOpenSsh } from '../ssh/openssh-key.js';
import type { TokenCheck } from './types.js';

/**
 * Private keys in PEM inside another text: with escapes, as in the JSON of a service account, or in base64
 * once more, as in a kubeconfig file, a secret of Kubernetes or a variable of a build.
 */

const DASHES = '-----';
const BEGIN = `${DASHES}BEGIN `;
const LABEL = 'PRIVATE KEY';
/** Escaped line ends, and what else may be between the characters of a body. */
const BETWEEN = /\\+[nrt]|\\+u000[ad]|[\s\\"]/g;

/** The body of the first whole private key in a text; undefined without one. */
function bodyOf(text: string): Uint8Array | undefined {
  for (let at = text.indexOf(BEGIN); at >= 0; at = text.indexOf(BEGIN, at + 1)) {
    const label = text.indexOf(DASHES, at + BEGIN.length);
    const end = text.indexOf(DASHES, label + DASHES.length);
    if (label < 0 || end < 0) return undefined;
    if (!text.slice(at, label).endsWith(LABEL)) continue;
    return Buffer.from(text.slice(label + DASHES.length, end).replace(BETWEEN, ''), 'base64');
  }
  return undefined;
}

const isArmoured = (token: string): boolean => token.startsWith(DASHES);

function read(token: string): { material?: KeyMaterial | undefined } | undefined {
  const bytes = bodyOf(isArmoured(token) ? token : Buffer.from(token, 'base64').toString('latin1'));
  return bytes && (readPrivateKey(bytes, 0) ?? readOpenSsh(bytes) ?? {});
}

export const pemKey: TokenCheck = {
  statement: 'holds a private key in PEM',
  verify(token) {
    const found = read(token);
    return found && found.material !== undefined;
  },
  key: (token) => ({ material: read(token)!.material!, encoding: isArmoured(token) ? 'pem' : 'base64' }),
};
