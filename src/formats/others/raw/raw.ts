import { defineWarnings, type Warning } from '../../../core/base/runtime/warnings.js';
import type { Unread } from '../../../core/model/report.js';
import { parsedDump } from '../../memory/parsed-dump.js';
import type { DumpFormat, ParsedDump } from '../../memory/types.js';

/** One list for all: what is computed from it is kept by its identity. */
const NO_SEGMENTS: readonly never[] = [];

/** Bytes without a structure: swept in file order, without addresses. */
export function rawDump(warnings: readonly Warning[] = [], unread: readonly Unread[] = []): ParsedDump {
  return parsedDump({
    segments: NO_SEGMENTS,
    process: {},
    warnings,
    unread,
    regionAt: () => ({ kind: 'unknown' }),
  });
}

/** Most members of archives are plain: one for all of them. */
const PLAIN = rawDump();

/** What no other format recognises: physical memory, a log, any other file. */
export const raw: DumpFormat = {
  name: 'raw',
  insteadOfCopy:
    'the file has no headers that say what is what: take a core, minidump or heap dump of the process',
  probe: () => true,
  open: () => PLAIN,
  streaming: { segmented: false, prefetch: () => [] },
  warnings: defineWarnings({}),
};
