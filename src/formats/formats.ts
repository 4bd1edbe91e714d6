import { bufferReader, type Reader } from '../base/bytes/storage.js';
import { DumpsieveError } from '../base/runtime/errors.js';
import { elfCore } from './elf/core.js';
import { hprof } from './hprof/hprof.js';
import { lime } from './lime/lime.js';
import { machoCore } from './macho/core.js';
import type { Dump, DumpFormat } from './memory/types.js';
import { microdump } from './microdump/microdump.js';
import { minidump } from './minidump/minidump.js';
import { raw, rawDump } from './raw/raw.js';
import { recognised } from './recognised/recognised.js';

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

/**
 * The format that claims these first bytes, 64 KiB or more of a longer file. Where it is `raw`, the whole file is: no probe
 * looks further, and those that look at the length do so in a file of whole pages only.
 */
export function formatOf(head: Uint8Array): string {
  const start = head.subarray(0, HEAD);
  const reader = bufferReader(start);
  return (FORMATS.find((row) => row.probe(start, reader)) ?? raw).name;
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
