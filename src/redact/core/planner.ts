import type { ByteReader } from '../../core/base/bytes/storage.js';
import type { MissingMemory } from '../../core/model/report.js';
import type { Plan } from './plan.js';

/** What a planner is asked to do. */
export interface PlanRequest {
  reader: ByteReader;
  plan: Plan;
  accept32bit: boolean;
  /** Replace names of files and of the program. */
  hashNames: boolean;
  /** Path of the program's file. */
  exe: string | undefined;
  /** For planners that read the whole file: called now and then. Rejects if the copy is stopped. */
  pause(): Promise<void>;
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
  /** Memory as in reports: coverage.memory. */
  memory: { described: number; present: number; missing: MissingMemory[] };
  /** Facts about the dump of a managed heap. */
  heap?: HeapFacts;
  /** The byte that fills texts, if it is not 0. */
  textFill?: number;
}

/** What a planner found in the dump of a managed heap. */
export interface HeapFacts {
  /** Instances and arrays, or nodes of a graph. */
  objects: number;
  /** Texts outside of objects: names, and literals of the program. */
  texts: number;
  /** Texts that are no names: replaced. */
  filledTexts: number;
  /** Bytes that no record accounts for: replaced. */
  damaged: number;
}

/** Plans what stays of a dump so that a debugger prints its backtraces. Throws where it cannot. */
export type Planner = (request: PlanRequest) => PlanFacts | Promise<PlanFacts>;
