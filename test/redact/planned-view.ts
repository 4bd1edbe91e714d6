import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { noWords, Plan } from '../../src/redact/core/plan.js';
import { plannedReader } from '../../src/redact/core/planned-reader.js';
import type { PlanFacts, Planner } from '../../src/redact/core/planner.js';

/** What a planner makes of a dump, read in any order. */
export async function viewOf(
  planner: Planner,
  dump: Uint8Array,
  { hashNames = false } = {},
): Promise<{ facts: PlanFacts; read: (offset: number, length: number) => Buffer }> {
  const reader = bufferReader(dump);
  const plan = new Plan(dump.length);
  const pause = () => Promise.resolve();
  const facts = await planner({ reader, plan, accept32bit: false, hashNames, exe: undefined, pause });
  const view = plannedReader(reader, plan.finish(), noWords());
  return {
    facts,
    read(offset, length) {
      const target = Buffer.alloc(length, 0xff);
      return target.subarray(0, view.read(offset, target));
    },
  };
}
