import fs from 'node:fs';
import path from 'node:path';
import { reasonOf } from '../../core/base/runtime/errors.js';
import { orUndefined } from '../../core/base/runtime/or-undefined.js';
import { escapeText } from '../../core/base/text/escape.js';
import { isServed } from '../state/is-served.js';
import { Layout } from '../state/layout.js';

import { refusals } from '../state/refused.js';
import { type Check, note, ok, unknown, wrong } from './check-row.js';
import { exposureOf } from './file-modes.js';

/** Folders without which the handler refuses, or the service does not start. */
const NEEDED = ['spool', 'work', 'out', 'quarantine'] as const;

export const checkSpool: Check = ({ policy: { state } }) => {
  const folders = [state, ...NEEDED.map((name) => path.join(state, name))];
  const results = folders.flatMap((folder) => exposureOf(folder, 'secret', true));
  return results.length > 0
    ? results
    : [ok(`${escapeText(state)} and its folders are there, for their owner alone`)];
};

/** Part of the share at which there must be room made. */
const FULL = 0.8;
const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;

export const checkDisk: Check = ({ policy: { state, disk } }) => {
  let used: number;
  try {
    used = new Layout(state).share();
  } catch (error) {
    return [unknown(`what ${escapeText(state)} takes cannot be seen (${reasonOf(error)})`, 'run as root')];
  }
  const { bavail, blocks } = fs.statfsSync(state);
  const free = bavail / blocks;
  const message = `the folders take ${percent(used)} of the disk, and may take ${percent(disk)}`;
  const hint = 'release or remove what is in quarantine, move out/, or set retain: and disk: in the policy';
  const results = [used >= FULL * disk ? wrong(`${message}: 80 % of it are reached`, hint) : ok(message)];
  if (free < disk - used) results.push(note(`only ${percent(free)} of the disk are free`, 'make room'));
  return results;
};

export const checkService: Check = async ({ policy }) =>
  (await isServed(policy))
    ? [ok('guard watch is running')]
    : [
        wrong(
          'guard watch is not running: dumps are sealed and stay in the spool',
          'systemctl enable --now dumpsieve-guard (from another network namespace it cannot be seen)',
        ),
      ];

export const checkRefusals: Check = ({ policy }) => {
  const counts = orUndefined(() => [...refusals(policy.state)].filter(([, count]) => count > 0));
  if (counts === undefined)
    return [
      unknown('what the handler refused cannot be seen', 'run as root; refused/ of the state is a folder'),
    ];
  if (counts.length === 0) return [ok('the handler has refused no dump')];
  return counts.map(([reason, count]) => note(`dumps refused (${reason}): ${count}`, HINTS[reason]));
};

/** What to do about a reason of the handler. */
const HINTS: Readonly<Record<string, string>> = {
  disk: 'make room, or set disk: in the policy and share= in seal.conf',
  limit: 'their core limit is 0: the owner of the process wants no dump',
  loop: 'of a crash loop the first and the newest dump are kept: mend the program',
  slots: 'too many crashes at once: set slots= in seal.conf',
  spool: 'the spool was missing: guard check says whether it is there now',
  seal: 'age or zstd failed: look at the journal',
  failed: 'the shell failed: no memory, or no process',
};
