import type { RuleRole } from '../../core/limits/searches.js';
import type { EffortLevel } from '../../core/model/effort.js';
import type { KeyMaterial } from '../../core/model/key-material.js';
import type { Rule } from '../../rules/types.js';
import type { ReadSerialised } from '../secrets/openssh/shielded-keys.js';

export interface SearchOptions {
  /** The rules in use, by role. Without any rule of a step, that step does not run. */
  rules: { [role in RuleRole]?: Rule };
  /** True if the parts are proven to be a private key. No other private key leaves the search. */
  proves(material: KeyMaterial): boolean;
  /** Reads a private key as OpenSSH serialises it in memory. */
  readSerialised: ReadSerialised;
  /** How much work to do. Memory is bounded at every level. */
  effort?: EffortLevel;
  /** Budgets of work are multiplied by this. */
  scale?: number;
}
