import type { Warning } from '../../../src/core/base/runtime/warnings.js';
import type { Label } from '../listing/label.js';
import { readReportedDumps } from '../listing/reports.js';
import { rulesetOf } from './ruleset.js';
import type { Run } from './run.js';
import type { Scope } from './scope.js';

/** Stores what saved reports tell, under the rules of their scans. Returns the number of their dumps. */
export async function addReports(
  files: readonly string[],
  run: Run,
  labels: readonly Label[],
  scope: Scope,
  onNotice: (notice: Warning) => void,
): Promise<number> {
  const { store, options } = run;
  let reported = 0;
  for (const file of files) {
    options.signal?.throwIfAborted();
    const { ruleset, targets, dumps } = await readReportedDumps(file, {
      labels,
      onNotice,
      rulesetOf,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    await store.useRuleset(ruleset, targets);
    for await (const batch of dumps) {
      const now = new Date().toISOString();
      await store.list(
        batch.map(({ dump }) => dump),
        now,
      );
      for (const { dump, result } of batch) {
        const stored = await store.byUri(dump.uri);
        if (stored === undefined) continue;
        await store.store(stored, result);
        scope.add(dump.uri);
        reported++;
      }
    }
  }
  return reported;
}
