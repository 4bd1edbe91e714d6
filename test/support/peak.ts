/**
 * Node arguments that print `peak N` to standard error when the process ends: peak memory in bytes, from
 * proc(5). getrusage(2) would include the peak of the parent process before the fork.
 */
export const PEAK: readonly string[] = [
  '--import',
  `data:text/javascript,${encodeURIComponent(`
    import { readFileSync } from 'node:fs';
    process.on('exit', () => {
      const kibibytes = /^VmHWM:\\s*(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))[1];
      console.error('peak', 1024 * kibibytes);
    });
  `)}`,
];

/** The peak, and the rest of standard error. */
export function peakIn(stderr: string): { peak: number; rest: string } {
  const line = /^peak (\d+)\n/m.exec(stderr);
  if (line === null) throw new Error(`no peak was printed: ${stderr}`);
  return { peak: Number(line[1]), rest: stderr.replace(line[0], '') };
}
