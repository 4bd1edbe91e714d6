import { EXIT } from '../../core/base/runtime/errors.js';
import type { Policy } from '../policy/policy.js';
import { type Check, type CheckPlaces, type CheckRow, PLACES } from './check-row.js';
import { handlerPath } from './core-pattern.js';
import { checkHandler, checkPattern, checkPipeLimit, checkSettings } from './kernel-checks.js';
import { checkKernelLog } from './kernel-log.js';
import { checkIdentity, checkPrograms, checkRecipients, checkSign } from './key-checks.js';
import { probe } from './probe.js';
import { checkDisk, checkRefusals, checkService, checkSpool } from './state-checks.js';

/** All checks, in the order of a dump's way. */
const CHECKS: Readonly<Record<string, Check>> = {
  pattern: checkPattern,
  handler: checkHandler,
  settings: checkSettings,
  programs: checkPrograms,
  recipients: checkRecipients,
  spool: checkSpool,
  disk: checkDisk,
  service: checkService,
  identity: checkIdentity,
  sign: checkSign,
  'pipe-limit': checkPipeLimit,
  'kernel-log': checkKernelLog,
  refused: checkRefusals,
};

export interface GuardCheckOptions {
  /** Also let a child crash, and wait for its dump. Default false. */
  probe?: boolean;
  places?: Partial<CheckPlaces>;
}

/** What `guard check` has found. */
export interface GuardCheck {
  /** 0 in force; 1 something is wrong; 2 something could not be seen. */
  exit: 0 | 1 | 2;
  rows: CheckRow[];
}

/** Checks whether a guard is in force. Changes nothing; a probe leaves its dump. */
export async function checkGuard(policy: Policy, options: GuardCheckOptions = {}): Promise<GuardCheck> {
  const places = { ...PLACES, ...options.places };
  const context = { policy, places: { ...places, path: handlerPath({ policy, places }) } };
  const checks = options.probe ? { ...CHECKS, probe } : CHECKS;
  const rows: CheckRow[] = [];
  for (const [check, run] of Object.entries(checks))
    for (const result of await run(context)) rows.push({ check, ...result });
  const has = (state: CheckRow['state']) => rows.some((row) => row.state === state);
  return { rows, exit: has('wrong') ? EXIT.findings : has('unknown') ? EXIT.incomplete : EXIT.clean };
}
