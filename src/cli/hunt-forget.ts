import type { Command } from 'commander';
import type { Forgotten } from '../../fleet/src/index.js';
import { EXIT } from '../base/runtime/errors.js';
import { escapeText } from '../base/text/escape.js';
import { HUNT_OPTIONS } from '../options/hunt-table.js';
import { addFlags, valuesOf } from './flags.js';
import { loadFleet } from './fleet.js';
import { addExamples } from './help.js';
import { countText, dumpsText } from './hunt-scanning.js';
import { confirmed, storeOf } from './hunt-store.js';
import { print } from './print.js';
import type { Finish } from './program.js';

/** The values of the verb's options, by their names in the table. */
interface Values {
  store?: string;
  yes?: boolean;
}

export function registerHuntForget(hunt: Command, finish: Finish): void {
  const command = hunt
    .command('forget')
    .description('remove dumps from a store, and the results of content that no other dump has')
    .argument('<dumps...>', 'URIs, paths or globs of dumps, as the store has them')
    .addHelpText(
      'after',
      `
Shows what it would remove, and asks. The dumps themselves stay where they are; the next hunt add that lists one
finds it new, also one that was given up.

Exit status: 0 removed; 2 declined; 3 wrong call, or no dump has such a name.`,
    );
  addExamples(command, [
    ["dumpsieve hunt forget 's3://crashes/2025/**' --store hunt.db"],
    ['dumpsieve hunt forget /var/crash/core.1234 --store hunt.db --yes'],
  ]);
  const { store, yes, debug } = HUNT_OPTIONS;
  addFlags(command, [store, yes, debug]).action(async (dumps: string[]) => {
    finish(await forgetVerb(dumps, valuesOf<Values>(command, HUNT_OPTIONS)));
  });
}

async function forgetVerb(dumps: string[], { store: given, yes = false }: Values): Promise<number> {
  const store = storeOf(given);
  const { forget } = await loadFleet();
  const { isDeclined, ...what } = await forget({
    ...{ store, dumps },
    onForget: async (found) => {
      print(`${linesOf(found).join('\n')}\n`);
      return yes || (await confirmed('Remove them?'));
    },
  });
  print(isDeclined ? 'nothing was removed\n' : `removed: ${dumpsText(what.dumps)}\n`);
  return isDeclined ? EXIT.incomplete : EXIT.clean;
}

function linesOf({ dumps, scans, findings, secrets, first }: Forgotten): string[] {
  const more = dumps - first.length;
  return [
    `to remove: ${dumpsText(dumps)}, ${countText(scans)} scans, ${countText(findings)} findings, ${countText(secrets)} secrets`,
    ...first.map((uri) => `  ${escapeText(uri)}`),
    ...(more > 0 ? [`  and ${countText(more)} more`] : []),
  ];
}
