import { bufferReader } from '../../core/base/bytes/storage.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import { createView } from '../../formats/memory/view.js';
import { rawDump } from '../../formats/others/raw/raw.js';
import { type SweptBuffer, sweepWithValues } from '../../sweep/buffer.js';
import type { SecretCandidate } from '../core/types.js';
import { examine } from '../examine.js';
import { ValueExaminer } from '../values/examiner.js';
import type { Rulebook } from './rulebook.js';

/** The candidates in a small buffer, by the real path: kernel, then detector. */
export function scanBytes(bytes: Uint8Array, book: Rulebook): SecretCandidate[] {
  return examineBytes(bytes, sweepWithValues(bytes, book.net), book);
}

/** Examines what the kernel has found. */
export function examineBytes(
  bytes: Uint8Array,
  { hits, values }: SweptBuffer,
  { rules, net }: Rulebook,
): SecretCandidate[] {
  if (hits.length === 0 && values === undefined) return [];
  const view = createView(bufferReader(bytes), rawDump());
  const columns = { offsets: hits.map(({ offset }) => offset), ids: hits.map(({ id }) => id) };
  const detected = [...examine(columns, rules, view)];
  if (values) {
    const examiner = new ValueExaminer(rules.rules, view, definedFields({ tables: net.values?.names }));
    detected.push(...examiner.push(values), ...examiner.finish());
  }
  return detected.filter((each) => each.type === 'candidate');
}
