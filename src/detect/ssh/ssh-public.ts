import { readSshPublicKey } from '../../asn1/ssh-public.js';
import { Base64Run } from '../core/base64-run.js';
import { publicRecord } from '../core/candidate.js';
import { Readings } from '../core/characters.js';
import type { Hit, PublicRecord } from '../core/types.js';
import type { Served } from '../core/windows.js';

/** Public keys of SSH, as its protocol sends them and as `id_*.pub`, `authorized_keys` and `known_hosts` have them. */

/** The length of the name of a key's type, in base64 and in clear. */
const isText = ({ anchor }: Hit): boolean => anchor[0] === 0x41;
export const isSsh = ({ anchor }: Hit): boolean =>
  Buffer.from(anchor.buffer, anchor.byteOffset, 4).toString('latin1') === 'AAAA' ||
  (anchor[0] === 0 && anchor[1] === 0 && anchor[2] === 0);

/** `AAAAC3NzaC1lZDI1NTE5`: of no other type the name has that length. */
const ED25519 = { at: 4, letter: 0x43 };
/** Characters of an RSA key of 16,384 bits, and of one of Ed25519, of which each may be escaped (`\u0041`): beginnings alone, one after the other, are not read on and on. */
const MOST = { any: 2816, ed25519: 6 * 68 };
const mostOf = ({ anchor }: Hit): number => (anchor[ED25519.at] === ED25519.letter ? MOST.ed25519 : MOST.any);

export function* sshRecords({ window, hits }: Served): Iterable<PublicRecord> {
  const readings = new Readings(window);
  let from = 0;
  for (const hit of hits) {
    if (hit.at < from) continue;
    if (!isText(hit)) {
      const key = hit.wide ? undefined : readSshPublicKey(window.bytes, hit.at);
      if (key === undefined) continue;
      from = hit.at + key.length;
      yield publicRecord(window, [hit.at, from], key.spki, 'ssh');
      continue;
    }
    for (const text of readings.of(hit)) {
      const start = text.indexOf(hit.at);
      const run = new Base64Run(text, start, start + mostOf(hit));
      const key = readSshPublicKey(run.decode(0));
      if (key === undefined) continue;
      from = text.byteOf(run.endOf(0, key.length));
      yield publicRecord(window, [text.byteOf(start), from], key.spki, 'ssh');
      break;
    }
  }
}
