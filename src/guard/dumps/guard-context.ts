import type { ChildLimits } from '../../core/options/check-options.js';
import type { ManifestSigner } from '../../redact/signature/signer.js';
import type { Policy } from '../policy/policy.js';
import type { Layout } from '../state/layout.js';
import type { DumpLog } from './dump-history.js';

/** What all dumps of a guard share. */
export interface GuardContext {
  policy: Policy;
  layout: Layout;
  log: DumpLog;
  signer: ManifestSigner;
  /** Limits of each process that reads a dump. */
  limits: ChildLimits;
  /** Stops the service: what is under way is given up, and taken up at the next start. */
  signal: AbortSignal;
  /** Gets the entry of each decision whose rule says `notify`. */
  notify: (entry: object) => void;
}
