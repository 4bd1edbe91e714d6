import { once } from 'node:events';

/** Writes to standard output. */
export function print(text: string): void {
  process.stdout.write(text);
}

/** Writes beside a copy that is on standard output. */
export function printBeside(text: string): void {
  process.stderr.write(text);
}

/** Waits until standard output takes more: a reader may be slower than the scan. */
export async function printed(): Promise<void> {
  if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
}
