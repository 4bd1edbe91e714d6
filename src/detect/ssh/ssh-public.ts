import { readSshPublicKey } from '../../core/asn1/ssh-public.js';
import { Base64Run } from '../core/base64-run.js';
import { publicRecord } from '../core/candidate.js';
import { Readings } from '../core/characters.js';
import { commentAfter } from '../core/names-beside.js';
import type { Hit, PublicRecord } from '../core/types.js';
import type { HitWindow } from '../core/windows.js';

/** Public keys of SSH: the blob (RFC 4253, 6.6), and its base64 in `id_*.pub` or `known_hosts`. */

/** Anchors start with the length of the key type's name: base64 `AAAA`, or zero bytes. */
const isText = ({ anchor }: Hit): boolean => anchor[0] === 0x41;
export const isSsh = ({ anchor }: Hit): boolean =>
  Buffer.from(anchor.buffer, anchor.byteOffset, 4).toString('latin1') === 'AAAA' ||
  (anchor[0] === 0 && anchor[1] === 0 && anchor[2] === 0);

/** `AAAAC3NzaC1lZDI1NTE5`: only ssh-ed25519 has a name of this length. */
const ED25519 = { at: 4, letter: 0x43 };
/**
 * Longest text of a key: RSA-16384; Ed25519 with every character escaped (`\u0041`). The bound keeps a flood
 * of prefixes linear.
 */
const MAX_LENGTH = { any: 2816, ed25519: 6 * 68 };
const maxLengthOf = ({ anchor }: Hit): number =>
  anchor[ED25519.at] === ED25519.letter ? MAX_LENGTH.ed25519 : MAX_LENGTH.any;

export function* sshRecords({ window, hits }: HitWindow): Iterable<PublicRecord> {
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
      const run = new Base64Run(text, start, start + maxLengthOf(hit));
      const key = readSshPublicKey(run.decode(0));
      if (key === undefined) continue;
      const end = run.endOf(0, key.length);
      from = text.byteOf(end);
      yield publicRecord(window, [text.byteOf(start), from], key.spki, 'ssh', {
        names: commentAfter(text, end),
      });
      break;
    }
  }
}
