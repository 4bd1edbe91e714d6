import type { FindTarget } from '../find/find-targets.js';

/** A dump of a folder, whose copy has the same name: its name is no link, and must hold no secret. */
export interface NamedDump {
  shown: string;
  /** Throws if the name holds one of the secrets that were found. `masked`: the name without them. */
  checkName(masked: string, found: readonly FindTarget[]): Promise<void>;
  /** There will be no copy; called before the error is thrown. `masked` and `found`: as far as it was scanned. */
  failed(masked: string, found: readonly FindTarget[]): Promise<void>;
}
