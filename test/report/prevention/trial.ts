import type { RequirementName } from '../../support/programs.js';
import type { SecretKind } from './secret.js';

/** What writes a dump of a program. `itself`: the program writes one, or ends with one of the kernel. */
export type DumpedBy = 'kernel' | 'gcore' | 'gcore of everything' | '/proc/PID/mem' | 'itself';

/** One start of a program, its dump, and what the dump must hold. */
export interface Dump {
  /** First argument of the program: the measure, or its absence. */
  way: string;
  by: DumpedBy;
  /** Names of all needles that are in the dump. `no dump`: none is written. */
  holds: readonly string[] | 'no dump';
  /** Shell commands before the program; by default cores have no limit. */
  shell?: string;
  /** Flags of the runtime, before the program. */
  flags?: readonly string[];
  /** `SECRET` in the environment. */
  environment?: boolean;
}

/** The proof of one measure: dumps without it, which hold the secret, and with it. */
export interface Trial {
  /** The row of prevention/measures.yaml. */
  id: string;
  needs?: readonly RequirementName[];
  secret: SecretKind;
  before: readonly Dump[];
  after: readonly Dump[];
}

/** Trials of one language, and how its programs are started. */
export interface Trials {
  needs: readonly RequirementName[];
  /** Builds what is needed, and returns the command line of a start, without the way and what dumps it. */
  command(flags: readonly string[]): readonly string[];
  /** What it prints once it holds the secret; `ready` if absent. */
  ready?: string;
  rows: readonly Trial[];
}
