import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { finish } from '../../src/core/base/runtime/turns.js';
import { openDump } from '../../src/formats/formats.js';
import { regionsOf } from '../../src/formats/memory/region-list.js';
import type { Dump } from '../../src/formats/memory/types.js';
import { createView } from '../../src/formats/memory/view.js';
import fc from '../support/property.js';

/** A million calls of `expect` would take minutes. */
function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Opens a dump and checks invariants of its regions, windows, segments and seams, over the whole file. */
export function explore(bytes: Uint8Array): Dump {
  const reader = bufferReader(bytes);
  const dump = openDump(reader);
  const view = createView(reader, dump);
  const step = Math.max(1, Math.floor(bytes.length / 32));
  for (let offset = 0; offset < bytes.length; offset += step) {
    const { address, region } = dump.locate(offset);
    check(region.kind.length > 0, `a region at ${offset}`);
    check(address === undefined || (address >= 0n && address < 2n ** 64n), `a 64-bit address at ${offset}`);
    const window = view.window(offset, 100, 100);
    check(window.bytes[window.at] === bytes[offset], `the byte at ${offset} in its window`);
    check(window.bytes.length <= 200, 'a window no longer than requested');
  }
  for (const { offset, length } of dump.segments) {
    check(
      length > 0 && offset >= 0 && offset + length <= bytes.length,
      `a segment at ${offset} inside the file`,
    );
  }
  for (const { endOffset, offset } of dump.seams()) {
    const inside = endOffset > 0 && endOffset <= bytes.length && offset >= 0 && offset < bytes.length;
    check(inside, `a seam from ${endOffset} to ${offset} inside the file`);
  }
  let end = 0;
  for (const { offset, length, present } of finish(regionsOf(dump, bytes.length))) {
    check(offset === end && present >= 0 && present <= length, `a region at ${offset}, after ${end}`);
    end = offset + present;
  }
  check(end === bytes.length, `regions up to the end of the file, not to ${end}`);
  return dump;
}

function lacking(dump: Dump): number {
  return dump.memory?.missing.reduce((sum, { length }) => sum + length, 0) ?? 0;
}

/**
 * Truncates a dump at `points` offsets. All memory described is present or missing; if less is described than
 * in the whole dump, a warning whose code ends with `truncated` says so.
 */
export function checkCuts(bytes: Uint8Array, points: number): void {
  const whole = openDump(bufferReader(bytes));
  for (let point = 0; point < points; point++) {
    const length = Math.floor((bytes.length * point) / points);
    const dump = explore(bytes.subarray(0, length));
    if (dump.memory === undefined) continue;
    const { described, present } = dump.memory;
    check(
      present + lacking(dump) === described,
      `cut at ${length}: ${described} bytes described, not all accounted for`,
    );
    const cutInHeaders = dump.warnings.some(({ code }) => code.endsWith('-truncated'));
    check(cutInHeaders || described === whole.memory?.described, `cut at ${length}: memory forgotten`);
  }
}

/** Explores `bytes` with up to 24 of them changed at random, `numRuns` times. */
export function checkChanges(bytes: Uint8Array, numRuns: number): void {
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 24 }), (changes) => {
      const changed = Buffer.from(bytes);
      for (const [offset, value] of changes) changed[offset] = value;
      explore(changed);
    }),
    { numRuns },
  );
}
