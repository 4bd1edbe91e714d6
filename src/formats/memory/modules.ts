import { definedFields } from '../../core/base/runtime/defined.js';
import type { ProcessFacts } from '../../core/model/report.js';

/** A program or library as a format describes it. */
interface Module {
  path: string;
  base: bigint;
  buildId?: string;
}

/** Modules of the report. */
export function moduleFacts(modules: readonly Module[]): NonNullable<ProcessFacts['modules']> {
  return modules.map(({ path, base, buildId }) =>
    definedFields({ path, address: `0x${base.toString(16)}`, buildId }),
  );
}
