import type { Command } from 'commander';
import { addFlags, valuesOf } from '../../src/cli/flags.js';
import { loadFleet } from '../../src/cli/fleet.js';
import type { Finish } from '../../src/cli/help.js';
import { addExamples } from '../../src/cli/help.js';
import { print } from '../../src/cli/print.js';
import { definedFields } from '../../src/core/base/runtime/defined.js';
import { DumpsieveError, EXIT } from '../../src/core/base/runtime/errors.js';
import { escapeText } from '../../src/core/base/text/escape.js';
import { HUNT_OPTIONS } from '../../src/core/options/hunt-table.js';
import type { Forgotten } from '../src/index.js';
import { countText, dumpsText } from './scanning.js';
import { confirmed, storeOf } from './store.js';
import { timeOf } from './time.js';

/** The values of the verb's options, by their names in the table. */
interface Values {
  store?: string;
  host?: string;
  before?: string;
  gone?: boolean;
  failed?: boolean;
  yes?: boolean;
}

export function registerHuntForget(hunt: Command, finish: Finish): void {
  const command = hunt
    .command('forget')
    .description('remove dumps from a store, and the results of content that no other dump has')
    .argument('[dumps...]', 'URIs, paths or globs of dumps, as the store has them')
    .addHelpText(
      'after',
      `
Shows what it would remove, and asks. The dumps themselves stay where they are; the next hunt add that lists
one finds it new, also one that was given up. With --failed only failures are forgotten, so that such dumps
are tried again.

Exit status: 0 removed; 2 declined; 3 wrong call, or no dump has such a name.`,
    );
  addExamples(command, [
    ["dumpsieve hunt forget 's3://crashes/2025/**' --store hunt.db"],
    ['dumpsieve hunt forget /var/crash/core.1234 --store hunt.db --yes'],
  ]);
  const { store, host, before, gone, failed, yes, debug } = HUNT_OPTIONS;
  addFlags(command, [store, host, before, gone, failed, yes, debug]).action(async (dumps: string[]) => {
    finish(await forgetVerb(dumps, valuesOf<Values>(command, HUNT_OPTIONS)));
  });
}

async function forgetVerb(dumps: string[], { store: given, failed, ...values }: Values): Promise<number> {
  const store = storeOf(given);
  const { yes = false, host, before, gone } = values;
  const only = definedFields({
    ...{ host, gone },
    before: before === undefined ? undefined : timeOf('before', before),
  });
  if (failed && Object.keys(only).length > 0)
    throw new DumpsieveError({ code: 'wrong-call', message: '--failed takes names of dumps alone' });
  const { forget, forgetFailures } = await loadFleet();
  if (failed) {
    print(`to be tried again: ${dumpsText(await forgetFailures({ store, dumps }))}\n`);
    return EXIT.clean;
  }
  const { isDeclined, ...what } = await forget({
    ...{ store, dumps, ...only },
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
    `to remove: ${dumpsText(dumps)}, ${countText(scans)} scans, ` +
      `${countText(findings)} findings, ${countText(secrets)} secrets`,
    ...first.map((uri) => `  ${escapeText(uri)}`),
    ...(more > 0 ? [`  and ${countText(more)} more`] : []),
  ];
}
