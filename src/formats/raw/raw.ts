import type { Notice } from '../../base/runtime/errors.js';
import type { Unread } from '../../model/report.js';
import { mappedDump } from '../memory/mapped.js';
import type { Dump, DumpFormat } from '../memory/types.js';

/** Bytes without headers that mean anything here: swept in file order, without addresses. */
export function rawDump(
  format: string,
  warnings: readonly Notice[] = [],
  unread: readonly Unread[] = [],
): Dump {
  return mappedDump({
    format,
    segments: [],
    process: {},
    warnings,
    unread,
    regionAt: () => ({ kind: 'unknown' }),
  });
}

/** What no other format claims: physical memory, a log, any file at all. */
export const raw: DumpFormat = {
  name: 'raw',
  probe: () => true,
  open: () => rawDump('raw'),
};
