import { TEXT_FILL } from '../core/fill.js';
import type { PlanFacts, PlanRequest } from '../core/planner.js';
import { SnapshotCopy } from './snapshot-copy.js';
import { SnapshotSurvey } from './survey.js';

/** Plans a copy of a heap snapshot of V8: the graph and its names, without the texts of values. */
export async function planSnapshot({ reader, plan, hashNames, pause }: PlanRequest): Promise<PlanFacts> {
  const survey = await SnapshotSurvey.of(reader, hashNames, pause);
  plan.make({ offset: 0, length: reader.length }, new SnapshotCopy(reader, survey));
  return {
    word: 8,
    threads: 0,
    withoutStack: 0,
    modules: 0,
    memory: { described: reader.length, present: reader.length, missing: [] },
    heap: survey.heap,
    textFill: TEXT_FILL,
  };
}
