import { fixtureDumps } from '../../fixtures/dumps.js';
import { parts } from '../../test/search/harness.js';
import { heapOf } from '../../test/search/memory.js';
import { rsaFrom } from '../../test/search/seeded.js';
import { containers } from './containers.js';
import { dumps } from './dumps.js';
import { NUMBERS } from './forms.js';
import { type Command, findKey, type Input, type SideFile } from './input.js';
import { samples } from './samples.js';
import { IMAGES } from './searches.js';

const ALL: readonly Command[] = ['scan', 'redact', 'backtrace'];

/** Files of the set, those that arguments name, and groups that this machine cannot make. */
export interface FrozenSet {
  inputs: Input[];
  files: SideFile[];
  absent: string[];
}

function named(group: string, all: Record<string, Buffer>, commands: readonly Command[] = ALL): Input[] {
  return Object.entries(all).map(([name, bytes]) => ({ name: `${group}/${name}`, bytes, commands }));
}

/** n, p and q in each form of numbers, without a marker: what the extractors read. */
function numberForms(): Input[] {
  const { p, q, n } = parts(rsaFrom('frozen forms', 2048));
  return Object.entries(NUMBERS).map(([form, write]) => ({
    name: `numbers/${form}`,
    bytes: heapOf(
      `frozen ${form}`,
      [p, q, n].map((value) => write(value!)),
      2,
    ),
    commands: ['scan'],
  }));
}

/** The inputs of all groups but the cells. */
export function frozenSet(): FrozenSet {
  const files: SideFile[] = [];
  const absent: string[] = [];
  const present = (group: string, all: Record<string, Buffer | undefined>): Record<string, Buffer> => {
    const made: Record<string, Buffer> = {};
    for (const [name, bytes] of Object.entries(all))
      if (bytes === undefined) absent.push(`${group}/${name}`);
      else made[name] = bytes;
    return made;
  };
  const images = Object.entries(IMAGES).map(([id, make]): Input => {
    const { bytes, find, args = [] } = make();
    const asked = find === undefined ? undefined : findKey(id, find);
    if (asked !== undefined) files.push(asked.file);
    return {
      name: `searches/${id}`,
      bytes,
      commands: asked === undefined ? ['scan', 'redact'] : ['find'],
      args: [...args, ...(asked?.args ?? [])],
    };
  });
  const all = dumps();
  const fixtures = fixtureDumps();
  const asked = findKey('signer', fixtures[0]!.keys.rsa!);
  files.push(asked.file);
  const real = samples();
  if (real === undefined) absent.push('samples/');
  const inputs = [
    ...named('fixtures', Object.fromEntries(fixtures.map(({ name, bytes }) => [name, bytes]))),
    ...fixtures.map(
      ({ name, bytes }): Input => ({ name: `asked/${name}`, bytes, commands: ['find'], args: asked.args }),
    ),
    ...images,
    ...numberForms(),
    ...named('dumps', all),
    ...named(
      'containers',
      present('containers', containers(all['elf 64 le, as kernels write it']!, all.raw!)),
    ),
    ...named('samples', real ?? {}),
  ];
  return { inputs, files, absent };
}
