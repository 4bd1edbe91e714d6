import type { Warning } from '../../../src/core/base/runtime/warnings.js';
import { theHost } from '../host.js';
import type { ListedDump } from '../model/dump.js';
import { shownName } from './uri.js';

/** Characters of names that are masked at once: the masker takes longer text for one secret. */
const MOST = 32 * 1024;

/** What is shown and what is stored of a name. */
const linesOf = ({ uri }: ListedDump): string => {
  const shown = shownName(uri);
  return shown === uri ? uri : `${shown}\n${uri}`;
};

/** Dumps whose names hold no secret by the rules. The others are reported by their masked names. */
export async function withoutSecretNames(
  dumps: readonly ListedDump[],
  refuse: (notice: Warning) => void,
): Promise<readonly ListedDump[]> {
  const clean: ListedDump[] = [];
  for (const group of groupsOf(dumps)) {
    const text = group.map(linesOf).join('\n');
    if (await isClean(text)) {
      clean.push(...group);
      continue;
    }
    for (const dump of group)
      if (await isClean(linesOf(dump))) clean.push(dump);
      else refuse(await refusal(dump));
  }
  return clean;
}

const isClean = async (text: string): Promise<boolean> => (await theHost().maskText(text)) === text;

function groupsOf(dumps: readonly ListedDump[]): ListedDump[][] {
  const groups: ListedDump[][] = [];
  let length = MOST;
  for (const dump of dumps) {
    const more = linesOf(dump).length + 1;
    if (length + more > MOST) {
      groups.push([]);
      length = 0;
    }
    length += more;
    groups.at(-1)!.push(dump);
  }
  return groups;
}

async function refusal(dump: ListedDump): Promise<Warning> {
  const name = await theHost().maskText(shownName(dump.uri));
  const isShown = name !== shownName(dump.uri);
  return {
    code: 'secret-in-name',
    effect: 'incomplete',
    message: `${isShown ? name : 'a name'} holds a secret by the rules: not listed`,
    hint: 'rename it: names are stored and shown as they are',
  };
}
