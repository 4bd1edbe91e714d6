import type { Command } from 'commander';
import { addFlags, inGroups, valuesOf } from '../../src/cli/flags.js';
import type { Fleet } from '../../src/cli/fleet.js';
import { loadFleet } from '../../src/cli/fleet.js';
import type { Finish } from '../../src/cli/help.js';
import { addExamples } from '../../src/cli/help.js';
import { print } from '../../src/cli/print.js';
import { stoppable } from '../../src/cli/stoppable.js';
import { HUNT_OPTIONS } from '../../src/core/options/hunt-table.js';
import { countLines, SCANNING_ROWS, type ScanningValues, scanningOptions, watchWork } from './scanning.js';

/** The values of the verb's options, by their names in the table. */
interface Values extends ScanningValues {
  object?: string;
  untilEmpty?: boolean;
  label?: string[];
}

export function registerHuntWork(hunt: Command, finish: Finish): void {
  const command = hunt
    .command('work')
    .description('scan what is queued in a store until it is ended, or one dump for another engine')
    .addHelpText(
      'after',
      `
A worker takes jobs of its own rules and --find files alone: give it those of hunt add. SIGTERM ends it: scans
that are not ready after --grace are given back.

Exit status with --object: 0 its result is stored, now or before; 2 try again; 3 it can never be scanned, or a
wrong call. Without: as hunt add, of what this worker has scanned.`,
    );
  addExamples(command, [
    ['dumpsieve hunt work --store postgres://db/hunt', 'until SIGTERM'],
    ['dumpsieve hunt work --store postgres://db/hunt --until-empty', 'for a pod that KEDA starts'],
    [
      'dumpsieve hunt work --store postgres://db/hunt --object s3://crashes/core.1',
      'for Batch, Temporal, a Job',
    ],
  ]);
  const { store, object, untilEmpty, label } = HUNT_OPTIONS;
  addFlags(command, inGroups([store, object, untilEmpty, label, ...SCANNING_ROWS]), true).action(async () => {
    finish(await workVerb(valuesOf<Values>(command, HUNT_OPTIONS)));
  });
}

async function workVerb(values: Values): Promise<number> {
  const options = scanningOptions(values);
  const { object, label, quiet, progress, untilEmpty } = values;
  const fleet = await loadFleet();
  const watch = watchWork(progress);
  return stoppable(
    false,
    async ({ signal }) => {
      const { onProgress, onNotice } = watch;
      const labels = label === undefined ? {} : { labels: label };
      try {
        const asked = { ...options, signal, onProgress, onNotice };
        return object === undefined
          ? await fleet.work({ ...asked, ...(untilEmpty ? { untilEmpty } : {}) })
          : { ...(await fleet.workObject({ ...asked, ...labels, url: object })), pending: 0 };
      } finally {
        watch.stop();
      }
    },
    ({ exit, counts, pending }: Done) => {
      if (!quiet) print(`${countLines(counts, pending).join('\n')}\n`);
      return exit;
    },
  );
}

/** What a worker has done, with the exit status of either way to work. */
type Done = Pick<Awaited<ReturnType<Fleet['work']>>, 'counts' | 'pending'> & { exit: 0 | 1 | 2 | 3 };
