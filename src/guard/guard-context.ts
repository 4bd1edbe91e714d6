import type { ChildLimits } from '../options/scan-options.js';
import type { ManifestSigner } from '../redact/signature/signer.js';
import type { DumpLog } from './dump-history.js';
import type { Layout } from './layout.js';
import type { Policy } from './policy.js';

/** What all dumps of a guard share. */
export interface GuardContext {
  policy: Policy;
  layout: Layout;
  log: DumpLog;
  signer: ManifestSigner;
  /** Of each process that reads a dump. */
  limits: ChildLimits;
  /** Stops the service: what is under way is given up, and taken up at the next start. */
  signal: AbortSignal;
  /** Gets the entry of a decision that asks for it. */
  notify: (entry: object) => void;
}
