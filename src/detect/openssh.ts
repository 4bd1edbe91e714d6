import type { Window } from '../dump/types.js';
import type { Rule } from '../rules/types.js';
import { OPENSSH_MAGIC } from '../ssh-wire.js';
import { candidate, describeOpenSsh } from './candidate.js';
import { type OpenSshRead, readOpenSsh } from './openssh-key.js';
import { pem } from './pem.js';
import type { Candidate, Detected, Detector, Hit, HitGroup } from './types.js';
import { reachOf, serve } from './windows.js';

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

/** Of the magic itself, and not of its base64 form, which is read by the window of PEM. */
const isBinary = ({ anchor, wide }: Hit): boolean => !wide && anchor[0] === OPENSSH_MAGIC[0];

function* examine(group: HitGroup): Iterable<Detected> {
  const hits = group.hits.filter(isBinary);
  for (const { window, hits: placed } of serve({ ...group, hits }, reachOf(group.rule, reach))) {
    let from = 0;
    for (const hit of placed) {
      if (hit.at < from) continue;
      const read = readOpenSsh(window.bytes, hit.at);
      if (read === undefined) continue;
      from = read.end;
      yield found(group.rule, window, hit.at, read);
    }
  }
  if (hits.length < group.hits.length)
    yield* pem.examine({ ...group, hits: group.hits.filter((hit) => !isBinary(hit)) });
}

/** OpenSSH private keys in binary, from the anchor `openssh-key-v1`; their base64 goes to the PEM detector. */
export const openssh: Detector = { name: 'openssh', reach, examine };
