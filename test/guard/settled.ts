import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { entries, type GuardState, names } from './guard-state.js';

const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Holds at any moment: each copy in `out` is in the log, and no file of the state has the secret. */
export function expectSafe(guard: GuardState, secrets: readonly Uint8Array[]): void {
  const decided = new Map(
    entries(guard, { torn: true }).flatMap(({ event, dump, copy }) =>
      event === 'decided' && typeof copy === 'string' ? [[`${dump} ${copy}`, true] as const] : [],
    ),
  );
  for (const name of names(guard, 'out').filter((each) => !each.includes('.')))
    expect(decided.has(`${name} ${sha256(join(guard.state, 'out', name))}`)).toBe(true);
  for (const file of filesBelow(guard.state)) {
    const bytes = readFileSync(file);
    for (const secret of secrets) expect([file, bytes.indexOf(secret)]).toEqual([file, -1]);
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const stats = lstatSync(path);
    if (stats.isDirectory()) return filesBelow(path);
    return stats.isFile() ? [path] : [];
  });
}

/** After a run to the end: each dump is in one place, once, and the log has its end, once. */
export function expectSettled(guard: GuardState, ids: readonly string[]): Record<string, string> {
  expect(names(guard, 'spool')).toEqual([]);
  expect(names(guard, 'work')).toEqual([]);
  const places = ids.map((id) => {
    const out = names(guard, 'out').filter((name) => name.startsWith(id));
    const confined = names(guard, 'quarantine').filter((name) => name.startsWith(id));
    const ends = entries(guard).filter(({ event, dump }) => event === 'done' && dump === id);
    expect(ends.length).toBe(1);
    const { action, copy } = entries(guard).findLast((each) => each.event === 'decided' && each.dump === id)!;
    const sealed = [expect.stringMatching(new RegExp(`^${id}(\\.cut)?\\.age$`)), `${id}.json`];
    const isOut = copy !== undefined;
    expect(out).toEqual(isOut ? [id, `${id}.manifest.json`, `${id}.manifest.json.minisig`] : []);
    // The original of a redacted copy is the responder's.
    const isSealed = action === 'redact' || action === 'quarantine';
    expect(confined.filter((name) => !name.includes('.info'))).toEqual(isSealed ? sealed : []);
    return [id, String(ends[0]!.where)] as const;
  });
  return Object.fromEntries(places);
}
