/** Memory of this thread that is reused, with bytes of what was scanned in it between two uses. */
const wipers: (() => void)[] = [];

/** Has `wipe` called when the last run ends: it overwrites what was used since the last time. */
export function wipeAfterRuns(wipe: () => void): void {
  wipers.push(wipe);
}

/** Overwrites all of it. No search may be running on this thread. */
export function wipeScratch(): void {
  for (const wipe of wipers) wipe();
}
