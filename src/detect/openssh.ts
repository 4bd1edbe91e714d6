import type { Window } from '../dump/types.js';
import type { Rule } from '../rules/types.js';
import { OPENSSH_MAGIC } from '../ssh-wire.js';
import { candidate, describeOpenSsh } from './candidate.js';
import { type OpenSshRead, readOpenSsh } from './openssh-key.js';
import { pem } from './pem.js';
import type { Candidate, Detected, Detector, HitGroup } from './types.js';
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

function* examine(group: HitGroup): Iterable<Detected> {
  const text = [];
  for (const { window, hits } of serve(group, reachOf(group.rule, reach))) {
    let from = 0;
    for (const hit of hits) {
      if (hit.at < from) continue;
      const binary = !hit.wide && window.bytes[hit.at] === OPENSSH_MAGIC[0];
      if (!binary) text.push(hit);
      const read = binary ? readOpenSsh(window.bytes, hit.at) : undefined;
      if (read === undefined) continue;
      from = read.end;
      yield found(group.rule, window, hit.at, read);
    }
  }
  // Its base64 form.
  if (text.length > 0) yield* pem.examine({ ...group, hits: text });
}

/** OpenSSH private keys in binary, from the anchor `openssh-key-v1`; their base64 goes to the PEM detector. */
export const openssh: Detector = { name: 'openssh', reach, examine };
