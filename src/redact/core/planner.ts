import type { Reader } from '../../base/bytes/storage.js';
import type { MissingMemory } from '../../model/report.js';
import type { Plan } from './plan.js';

/** What a planner is asked to do. */
export interface PlanRequest {
  reader: Reader;
  plan: Plan;
  accept32bit: boolean;
  /** Replace names of files and of the program. */
  hashNames: boolean;
  /** Path of the program's file. */
  exe: string | undefined;
}

/** What a planner found in a dump. */
export interface PlanFacts {
  /** Bytes of an address. */
  word: 4 | 8;
  threads: number;
  /** Threads of which no stack is in the file. */
  withoutStack: number;
  /** Modules whose headers or names stay. */
  modules: number;
  /** As in reports: coverage.memory. */
  memory: { described: number; present: number; missing: MissingMemory[] };
}

/** Plans what stays of a dump so that a debugger prints its backtraces. Throws where it cannot. */
export type Planner = (request: PlanRequest) => PlanFacts;
