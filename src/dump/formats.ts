import { DumpsieveError } from '../errors.js';
import { bufferReader, type Reader } from '../storage.js';
import { elfCore } from './elf/core.js';
import { hprof } from './hprof/hprof.js';
import { lime } from './lime.js';
import { machoCore } from './macho/core.js';
import { microdump } from './microdump.js';
import { minidump } from './minidump/minidump.js';
import { raw, rawDump } from './raw.js';
import { recognised } from './recognised.js';
import type { Dump, DumpFormat } from './types.js';

const HEAD = 64 * 1024;

/** Every format, the first that claims the head opens it; `raw` claims all. */
const FORMATS: readonly DumpFormat[] = [
  elfCore,
  minidump,
  hprof,
  machoCore,
  lime,
  microdump,
  ...recognised,
  raw,
];

/** The format that claims these first bytes; what lies behind them may still have it be another. */
export function formatOf(head: Uint8Array): string {
  const reader = bufferReader(head);
  return (FORMATS.find((row) => row.probe(head.subarray(0, HEAD), reader)) ?? raw).name;
}

/** Opens a dump. Bad contents become warnings, and the bytes are swept all the same; errors of the system are thrown. */
export function openDump(reader: Reader): Dump {
  const target = new Uint8Array(Math.min(HEAD, reader.length));
  const head = target.subarray(0, reader.read(0, target));
  const format = FORMATS.find((row) => row.probe(head, reader)) ?? raw;
  try {
    return format.open(reader);
  } catch (error) {
    if (!(error instanceof DumpsieveError)) throw error;
    const hint = 'the file may be cut or damaged: its bytes were swept without addresses and regions';
    const message = `${format.name}: ${error.message}`;
    return rawDump(format.name, [{ ...error.notice(), code: 'format-not-parsed', message, hint }]);
  }
}
