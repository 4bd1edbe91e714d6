import { HprofFile } from '../../formats/hprof/records/file.js';
import { readHeader } from '../../formats/hprof/records/header.js';
import { readBytes } from '../../formats/memory/read.js';
import type { PlanFacts, PlanRequest } from '../core/planner.js';
import { refusals } from '../core/refusals.js';
import { HeapCopy } from './heap-copy.js';
import { Survey } from './survey.js';

const HEAD = 64;

/** Plans a copy of the heap dump of a JVM or of Android's runtime: the graph of objects without values. */
export async function planHprof({ reader, plan, hashNames, pause }: PlanRequest): Promise<PlanFacts> {
  const header = readHeader(readBytes(reader, 0, HEAD));
  if (header === undefined) throw refusals.heapHeader();
  const survey = await Survey.of(new HprofFile(reader, header), pause);
  plan.make({ offset: 0, length: reader.length }, new HeapCopy(reader, survey, hashNames));
  return {
    word: header.idSize,
    threads: survey.threads,
    withoutStack: 0,
    modules: 0,
    memory: { described: Math.max(survey.end, reader.length), present: reader.length, missing: [] },
    heap: survey.heap,
  };
}
