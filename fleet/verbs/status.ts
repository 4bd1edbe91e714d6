import type { Command } from 'commander';
import { addFlags, valuesOf } from '../../src/cli/flags.js';
import { loadFleet } from '../../src/cli/fleet.js';
import type { Finish } from '../../src/cli/help.js';
import { addExamples } from '../../src/cli/help.js';
import { print } from '../../src/cli/print.js';
import { requireOtherOutput } from '../../src/cli/standard-output.js';
import { escapeText } from '../../src/core/base/text/escape.js';
import { HUNT_OPTIONS } from '../../src/core/options/hunt-table.js';
import type { FailedDump, Standing } from '../src/index.js';
import { countText, dumpsText, sizeText } from './scanning.js';
import { storeOf } from './store.js';

/** The values of the verb's options, by their names in the table. */
interface Values {
  store?: string;
  json?: boolean;
}

export function registerHuntStatus(hunt: Command, finish: Finish): void {
  const command = hunt
    .command('status')
    .description('say how far a hunt is: pending, done, incomplete and failed, with reasons')
    .addHelpText(
      'after',
      `
Exit status: 0 nothing has failed, though dumps may be pending; 2 dumps have failed, or are not tried again
after the process of their scan died three times (hunt forget --failed has them tried); 3 wrong call.`,
    );
  addExamples(command, [
    ['dumpsieve hunt status --store hunt.db'],
    ['dumpsieve hunt status --store postgres://db/hunt --json'],
  ]);
  const { store, json, debug } = HUNT_OPTIONS;
  addFlags(command, [store, json, debug]).action(async () => {
    finish(await statusVerb(valuesOf<Values>(command, HUNT_OPTIONS)));
  });
}

async function statusVerb({ store: given, json }: Values): Promise<number> {
  const store = storeOf(given);
  requireOtherOutput(HUNT_OPTIONS, {}, [store]);
  const { status } = await loadFleet();
  const { exit, standing, failures, store: place } = await status({ store });
  const lines = [`store: ${escapeText(place)}`, ...linesOf(standing), ...failureLines(standing, failures)];
  const document = { schemaVersion: 1, store: place, exit, ...standing, failures };
  print(`${json ? JSON.stringify(document, null, 2) : lines.join('\n')}\n`);
  return exit;
}

/** Rule sets and limits that are named. */
const NAMED = 5;

function linesOf(standing: Standing): string[] {
  const { dumps, bytes, done, contents, incomplete, pending, pendingBytes, failed, dead, gone } = standing;
  const { rulesets, limits } = standing;
  const copies = contents === done ? '' : ` (${countText(contents)} different contents)`;
  return [
    `dumps: ${countText(dumps)}, ${sizeText(bytes)}${gone === 0 ? '' : `; ${countText(gone)} no longer listed`}`,
    `done: ${countText(done)}${copies}`,
    `incomplete: ${countText(incomplete)}${limitsText(limits)}`,
    `pending: ${countText(pending)}, ${sizeText(pendingBytes)}`,
    `failed: ${countText(failed)}${dead === 0 ? '' : `, ${countText(dead)} of them given up`}`,
    ...rulesets.slice(0, NAMED).map(({ version, digest, targets, scans, lastAt }) => {
      const find = targets === 0 ? '' : `, ${countText(targets)} target${targets === 1 ? '' : 's'} of --find`;
      const by = `${countText(scans)} scans by ${escapeText(version)}${find}`;
      return `rules ${digest.slice(0, 8)}: ${by}, last ${lastAt.slice(0, 16).replace('T', ' ')}`;
    }),
  ];
}

function limitsText(limits: Standing['limits']): string {
  if (limits.length === 0) return '';
  const named = limits.slice(0, NAMED).map(({ code, scans }) => `${escapeText(code)} ${countText(scans)}`);
  return ` (${named.join(', ')}${limits.length > NAMED ? ', …' : ''})`;
}

function failureLines({ failed }: Standing, failures: readonly FailedDump[]): string[] {
  const lines = failures.map(({ dump, code, message, crashes, dead }) => {
    const times = crashes === 0 ? '' : `, ${crashes} crash${crashes === 1 ? '' : 'es'}`;
    return `  ${escapeText(dump.uri)}: ${code}${times}${dead ? ', given up' : ''}: ${escapeText(message)}`;
  });
  const more = failed - failures.length;
  return [...lines, ...(more > 0 ? [`  and ${dumpsText(more)} more`] : [])];
}
