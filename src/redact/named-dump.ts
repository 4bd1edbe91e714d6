import type { FindTarget } from '../scan/find/find-targets.js';

/** A dump of a folder, whose copy has the same name: its name is no link, and must hold no secret. */
export interface NamedDump {
  shown: string;
  /** Throws if the name holds one of the secrets that were found. `masked`: the name without them. */
  checkName(masked: string, found: readonly FindTarget[]): Promise<void>;
  /** Called before an error of the scan is thrown. `masked` and `found`: by what was found until then. */
  failed(masked: string, found: readonly FindTarget[]): Promise<void>;
}
