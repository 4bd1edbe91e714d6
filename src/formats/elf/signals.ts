import type { ElfHeader } from './header.js';
import { EM } from './machines.js';

const LINUX =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP ' +
  'TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS';
const LINUX_MIPS =
  'HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM USR1 USR2 CHLD PWR ' +
  'WINCH URG IO STOP TSTP CONT TTIN TTOU VTALRM PROF XCPU XFSZ';
const BSD =
  'HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM URG STOP TSTP CONT CHLD TTIN TTOU ' +
  'IO XCPU XFSZ VTALRM PROF WINCH INFO USR1 USR2';

function nameIn(table: string, signal: number): string | undefined {
  const name = table.split(' ')[signal - 1];
  return name === undefined ? undefined : `SIG${name}`;
}

/** Name of a signal number of Linux (signal(7)); numbers differ by machine. */
export function linuxSignal(signal: number, { machine }: Pick<ElfHeader, 'machine'>): string | undefined {
  return nameIn(machine === EM.MIPS ? LINUX_MIPS : LINUX, signal);
}

/** Name of a signal number of the BSDs (sys/signal.h). */
export function bsdSignal(signal: number): string | undefined {
  return nameIn(BSD, signal);
}
