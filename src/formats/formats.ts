import { type ByteReader, bufferReader } from '../core/base/bytes/storage.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import { defineWarnings } from '../core/base/runtime/warnings.js';
import { elfCore } from './elf/core.js';
import { hprof } from './hprof/hprof.js';
import type { Dump, DumpFormat } from './memory/types.js';
import { minidump } from './minidump/minidump.js';
import { lime } from './others/lime/lime.js';
import { machoCore } from './others/macho/core.js';
import { microdump } from './others/microdump/microdump.js';
import { raw, rawDump } from './others/raw/raw.js';
import { recognised } from './others/recognised/recognised.js';
import { heapProfile, heapSnapshot } from './snapshot/snapshot.js';

/** Bytes of a file that probes look at. */
const HEAD = 64 * 1024;

export { elfCore, heapSnapshot, hprof, machoCore, microdump, minidump, raw };

/** In the order in which they are tried: the first that recognises a file opens it. */
export const FORMATS: readonly DumpFormat[] = [
  elfCore,
  minidump,
  hprof,
  machoCore,
  lime,
  microdump,
  heapSnapshot,
  heapProfile,
  ...recognised,
  raw,
];

const warnings = defineWarnings({ 'format-not-parsed': 'strict' });

function recognise(head: Uint8Array, reader: ByteReader): DumpFormat {
  return FORMATS.find((format) => format.probe(head, reader)) ?? raw;
}

/**
 * The format of content whose first 64 KiB (or all bytes, if fewer) are `head`. Probes that depend on the
 * length accept whole pages only, so `head` gives the same answer as the whole content.
 */
export function formatOf(head: Uint8Array): DumpFormat {
  const start = head.subarray(0, HEAD);
  return recognise(start, bufferReader(start));
}

/** The format of a file. */
export function formatIn(reader: ByteReader): DumpFormat {
  const head = new Uint8Array(Math.min(HEAD, reader.length));
  return recognise(head.subarray(0, reader.read(0, head)), reader);
}

/**
 * Opens a dump. Damage becomes warnings, and the bytes are still swept; system errors are thrown.
 * `container`: the name of the container whose stored bytes these are, reported instead of `raw`.
 */
export function openDump(reader: ByteReader, container: string = raw.name): Dump {
  const format = formatIn(reader);
  const name = format === raw ? container : format.name;
  try {
    return { ...format.open(reader), format: name, audit: format.audit };
  } catch (error) {
    if (!(error instanceof DumpsieveError)) throw error;
    const { code: _code, ...cause } = error.notice();
    const message = `${name}: ${error.message}`;
    const hint = 'the file may be cut or damaged: its bytes were swept without addresses and regions';
    return { ...rawDump([warnings.of('format-not-parsed', { ...cause, message, hint })]), format: name };
  }
}

/** True if a file of this name may be promised by another file of its dump. */
export function mayBeCompanion(name: string): boolean {
  return FORMATS.some(({ companionNames }) => companionNames?.test(name) === true);
}

/** The debugger command of a format, by its name in reports. */
export function debugCommandOf(name: string): DumpFormat['debugCommand'] {
  return FORMATS.find((format) => format.name === name)?.debugCommand;
}

/** The system or runtime that alone writes a format, by the format's name in reports. */
export function writerOf(name: string): DumpFormat['writtenBy'] {
  return FORMATS.find((format) => format.name === name)?.writtenBy;
}

/** What a dump of a format never has, by its name in reports. */
export function leftOutOf(name: string): string | undefined {
  return FORMATS.find((format) => format.name === name)?.leavesOut;
}
