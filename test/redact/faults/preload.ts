import { writeFileSync } from 'node:fs';
import { watchFileCalls } from './file-calls.js';

/**
 * Loaded ahead of the program (`node --import`), to end it or to fail a call, by the JSON in
 * TEST_FAULT. Exits leave the number of calls in a file.
 */
export interface Fault {
  /** Calls for its files are counted. */
  folder: string;
  /** The call, counted from 0, ahead of which SIGKILL is sent, or that fails with an error. */
  at: number;
  error?: string;
  /** Where the number of calls is written. */
  count: string;
}

const fault = JSON.parse(process.env.TEST_FAULT!) as Fault;
let calls = 0;
watchFileCalls(fault.folder, ({ name, path }) => {
  // Reads of the input are many, and change nothing.
  if (name === 'read' && path.endsWith('/dump')) return;
  if (calls++ !== fault.at) return;
  if (fault.error === undefined) process.kill(process.pid, 'SIGKILL');
  else throw Object.assign(new Error(`${fault.error}: of a test`), { code: fault.error });
});
process.on('exit', () => writeFileSync(fault.count, `${calls}`));
