/**
 * Arguments of Node that print `peak N` on standard error when the process ends: the most memory in bytes that it held at a time. By proc(5): what getrusage(2) tells
 * is that of the process that started it, where that held more before it did.
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

/** What they printed, and the rest of standard error. */
export function peakIn(stderr: string): { peak: number; rest: string } {
  const line = /^peak (\d+)\n/m.exec(stderr);
  if (line === null) throw new Error(`no peak was printed: ${stderr}`);
  return { peak: Number(line[1]), rest: stderr.replace(line[0], '') };
}
