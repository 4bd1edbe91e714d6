import { OPENSSH_MAGIC } from '../../core/base/crypto/ssh-wire.js';
import type { Detected, Detector, Hit, HitGroup } from '../core/types.js';
import { pem } from '../pem/pem.js';
import { describeOpenSsh, readOpenSsh, readOpenSshRest } from '../ssh/openssh-key.js';
import { candidatesAt } from './each-hit.js';

/** A key of RSA-16384 has 9.2 KB. */
const reach = { before: 16, after: 16 * 1024 };

/** The cipher name `none`, which follows the magic. */
const isCipherName = ({ anchor }: Hit): boolean => anchor[0] === 0x6e;

/** The anchor is the magic or the cipher name, not base64. */
const isBinary = (hit: Hit): boolean =>
  !hit.wide && (hit.anchor[0] === OPENSSH_MAGIC[0] || isCipherName(hit));

function* examine(group: HitGroup): Iterable<Detected> {
  const hits = group.hits.filter(isBinary);
  yield* candidatesAt({ ...group, hits }, reach, (bytes, hit) => {
    const read = (isCipherName(hit) ? readOpenSshRest : readOpenSsh)(bytes, hit.at);
    return (
      read && {
        ...describeOpenSsh(read),
        start: hit.at,
        end: read.end,
        whole: read.whole,
        encoding: 'openssh',
      }
    );
  });
  if (hits.length < group.hits.length)
    yield* pem.examine({ ...group, hits: group.hits.filter((hit) => !isBinary(hit)) });
}

/** Binary OpenSSH private keys, from their magic or cipher name; base64 goes to the PEM detector. */
export const openssh: Detector = { name: 'openssh', reach, examine };
