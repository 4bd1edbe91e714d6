import type { Command } from 'commander';
import { addFlags, inGroups, valuesOf } from '../../src/cli/flags.js';
import { loadFleet } from '../../src/cli/fleet.js';
import type { Finish } from '../../src/cli/help.js';
import { addExamples } from '../../src/cli/help.js';
import { print } from '../../src/cli/print.js';
import { requireOtherOutput } from '../../src/cli/standard-output.js';
import { stoppable } from '../../src/cli/stoppable.js';
import { HUNT_OPTIONS } from '../../src/core/options/hunt-table.js';
import type { AddOptions, AddResult, Estimate } from '../src/index.js';
import {
  countLines,
  dumpsText,
  durationText,
  SCANNING_ROWS,
  type ScanningValues,
  scanningOptions,
  sizeText,
  watchWork,
} from './scanning.js';
import { confirmed } from './store.js';

/** The values of the verb's options, by their names in the table. */
interface Values extends ScanningValues {
  label?: string[];
  rescan?: boolean;
  scan?: boolean;
  yes?: boolean;
}

export function registerHuntAdd(hunt: Command, finish: Finish): void {
  const command = hunt
    .command('add')
    .description('list dumps into a store, and scan what has no scan')
    .argument('<paths...>', 'files, folders, globs, s3://BUCKET/PREFIX, https://…, @LIST, or reports as JSON')
    .addHelpText(
      'after',
      `
Content is known by its SHA-256 and scanned once, whatever its names are; what was interrupted goes on with the
same command. @LIST is a file with a path or URL a line. A URL is stored without its query, which may sign it.
Buckets are read with the credentials of the environment. A new version of dumpsieve, other rules or other
--find files scan nothing again without --rescan, which says first what it takes.

Exit status: 0 all dumps were read and searched, and nothing fails the gate; 1 something does; 2 not
everything could be read, something failed, or is left to do; 3 wrong call.`,
    );
  addExamples(command, [
    ['dumpsieve hunt add /var/crash --store hunt.db'],
    ["dumpsieve hunt add s3://crashes/2026/ --store hunt.db --label 'host=2026/{host}/*'"],
    ['dumpsieve hunt add s3://crashes/ --store postgres://db/hunt --no-scan', 'workers scan'],
    ['dumpsieve hunt add /var/crash --store hunt.db --find prod.pem --rescan', 'to know that it is absent'],
    ['dumpsieve hunt add report.json --store hunt.db', 'what a gate has found'],
  ]);
  const { store, label, rescan, scan, yes } = HUNT_OPTIONS;
  addFlags(command, inGroups([store, label, rescan, scan, yes, ...SCANNING_ROWS]), true).action(
    async (paths: string[]) => {
      finish(await addVerb(paths, valuesOf<Values>(command, HUNT_OPTIONS)));
    },
  );
}

async function addVerb(paths: string[], values: Values): Promise<number> {
  const options = scanningOptions(values);
  requireOtherOutput(HUNT_OPTIONS, values, paths);
  const { add } = await loadFleet();
  const work = watchWork(values.progress);
  const { label, rescan, scan, yes, quiet } = values;
  const asked: Pick<AddOptions, 'onEstimate'> = {
    onEstimate: (estimate) => {
      work.stop();
      return accepted(estimate, yes ?? false);
    },
  };
  return stoppable(
    false,
    async ({ signal }) => {
      try {
        return await add({
          ...{ ...options, ...asked, paths, signal },
          ...{ onProgress: work.onProgress, onNotice: work.onNotice },
          ...(label === undefined ? {} : { labels: label }),
          ...(rescan === undefined ? {} : { rescan }),
          ...(scan === false ? { isListOnly: true } : {}),
        });
      } finally {
        work.stop();
      }
    },
    (result) => {
      if (!quiet) print(`${summaryLines(result).join('\n')}\n`);
      return result.exit;
    },
  );
}

async function accepted({ dumps, bytes, seconds }: Estimate, yes: boolean): Promise<boolean> {
  const time = seconds === undefined ? '' : `, about ${durationText(seconds)}`;
  const what = `rescan: ${dumpsText(dumps)}, ${sizeText(bytes)}${time}`;
  if (!yes) return confirmed(`${what}. Go on?`);
  process.stderr.write(`dumpsieve: ${what}\n`);
  return true;
}

function summaryLines({ listed, reported, isDeclined, counts, pending, otherRules }: AddResult): string[] {
  const { added, changed, unchanged, gone } = listed;
  const parts = Object.entries({ added, changed, unchanged, gone }).map(
    ([name, count]) => `${count} ${name}`,
  );
  return [
    `listed: ${parts.join(', ')}`,
    ...(reported > 0 ? [`from reports: ${dumpsText(reported)}`] : []),
    ...(isDeclined ? ['rescan: declined'] : []),
    ...countLines(counts, pending),
    ...(otherRules === 0
      ? []
      : [`not scanned again: ${dumpsText(otherRules)}, scanned by other rules or --find files (--rescan)`]),
  ];
}
