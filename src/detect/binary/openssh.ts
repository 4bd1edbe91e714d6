import { OPENSSH_MAGIC } from '../../base/crypto/ssh-wire.js';
import type { Window } from '../../formats/memory/types.js';
import type { Rule } from '../../rules/types.js';
import { candidate } from '../core/candidate.js';
import type { Candidate, Detected, Detector, Hit, HitGroup } from '../core/types.js';
import { reachOf, serve } from '../core/windows.js';
import { pem } from '../pem/pem.js';
import { describeOpenSsh, type OpenSshRead, readOpenSsh, readOpenSshRest } from '../ssh/openssh-key.js';

function found(rule: Rule, window: Window, start: number, read: OpenSshRead): Candidate {
  return candidate(rule, window, {
    ...describeOpenSsh(read),
    start,
    end: read.end,
    whole: read.whole,
    encoding: 'openssh',
  });
}

/** RSA-16384 has 9.2 KB. */
const reach = { before: 16, after: 16 * 1024 };

/** `none`, behind a magic that may be lost. */
const isRest = ({ anchor }: Hit): boolean => anchor[0] === 0x6e;

/** Of the magic itself or what follows it, and not of its base64 form, which is read by the window of PEM. */
const isBinary = (hit: Hit): boolean => !hit.wide && (hit.anchor[0] === OPENSSH_MAGIC[0] || isRest(hit));

function* examine(group: HitGroup): Iterable<Detected> {
  const hits = group.hits.filter(isBinary);
  for (const { window, hits: placed } of serve({ ...group, hits }, reachOf(group.rule, reach))) {
    let from = 0;
    for (const hit of placed) {
      if (hit.at < from) continue;
      const read = (isRest(hit) ? readOpenSshRest : readOpenSsh)(window.bytes, hit.at);
      if (read === undefined) continue;
      from = read.end;
      yield found(group.rule, window, hit.at, read);
    }
  }
  if (hits.length < group.hits.length)
    yield* pem.examine({ ...group, hits: group.hits.filter((hit) => !isBinary(hit)) });
}

/** OpenSSH private keys in binary, from the anchor `openssh-key-v1` or from what follows it; their base64 goes to the PEM detector. */
export const openssh: Detector = { name: 'openssh', reach, examine };
