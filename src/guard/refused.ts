import fs from 'node:fs';
import path from 'node:path';
import { orUndefined } from '../base/runtime/or-undefined.js';

/** Names of the handler's reasons, each a file with a line a refusal. */
const REASON = /^[a-z][a-z-]{0,30}$/;

/** Dumps that the handler has refused, by reason, as its files say. The kernel's log is the truth. */
export function refusals(state: string): Map<string, number> {
  const folder = path.join(state, 'refused');
  const reasons = (orUndefined(() => fs.readdirSync(folder)) ?? []).filter((name) => REASON.test(name));
  const counts = reasons.sort().map((reason) => [reason, linesOf(path.join(folder, reason))] as const);
  return new Map(counts.filter(([, count]) => count > 0));
}

function linesOf(name: string): number {
  const content = orUndefined(() => fs.readFileSync(name));
  let lines = 0;
  for (let at = content?.indexOf(10) ?? -1; at >= 0; at = content!.indexOf(10, at + 1)) lines++;
  return lines;
}
