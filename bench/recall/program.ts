import type { KeyObject } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type KeyName, type Keys, writeKeys } from '../../test/e2e/bare/keys.js';
import { dumpOf, type Process, type Program, stopAll } from '../../test/e2e/bare/program.js';
import type { Holder } from '../../test/e2e/targets.js';
import { ecFrom, ed25519From, rsaFrom } from '../../test/search/seeded.js';
import { dumpSigner, makeKeys, SIGNERS } from '../../test/search/signers.js';
import { saveMinidumps } from '../../test/support/lldb.js';
import { gcore, kernelCore } from '../../test/support/processes.js';
import type { RequirementName } from '../../test/support/programs.js';
import type { Dump } from './examine.js';

/** A program of the ledger. */
export interface Entry {
  name: string;
  library: string;
  needs: readonly RequirementName[];
  /** Starts it in `folder`, dumps it and ends it. */
  dump(folder: string): Promise<Dump[]>;
}

const makers: Readonly<Record<KeyName, (seed: string) => KeyObject>> = {
  rsa: (seed) => rsaFrom(seed, 2048),
  p256: (seed) => ecFrom(seed, 'P-256', 'prime256v1', 32).key,
  p384: (seed) => ecFrom(seed, 'P-384', 'secp384r1', 48).key,
  bp320: (seed) => ecFrom(seed, 'brainpoolP320r1', 'brainpoolP320r1', 40).key,
  bp512: (seed) => ecFrom(seed, 'brainpoolP512r1', 'brainpoolP512r1', 64).key,
  ed25519: ed25519From,
};

/** The same keys in every run: of fresh numbers one in three hundred is missed (test/search/seeded.ts). */
function seededKeys(seed: string, names: readonly KeyName[]): Keys {
  return Object.fromEntries(names.map((name) => [name, makers[name](`recall ${seed}`)]));
}

/** A program of test/e2e/bare: its key files are gone before it is dumped. */
export function bareEntry(program: Program, library: string): Entry {
  const { name, needs, keys: names, files, start } = program;
  return {
    name,
    library,
    needs: ['gdb', ...needs],
    async dump(folder) {
      const keys = seededKeys(name, names);
      const place = writeKeys(folder, keys, files);
      const dumps: Dump[] = [];
      try {
        const processes = await start(folder);
        rmSync(place, { recursive: true });
        for (const process of processes) {
          const path = await dumpOf(process, folder);
          dumps.push({ path, role: process.role, keys: { ...keys }, needles: [] });
        }
      } finally {
        await stopAll();
      }
      return dumps;
    },
  };
}

/** The first process of a program of test/e2e/bare, dumped as a minidump by lldb. */
export function minidumpEntry(program: Program, library: string): Entry {
  const start = async (folder: string): Promise<Process[]> => {
    const [process] = await program.start(folder);
    const path = join(folder, 'process.dmp');
    const dump = async () => {
      saveMinidumps(process!.pid, [['full', path]]);
      return path;
    };
    return [{ pid: process!.pid, dump }];
  };
  const needs: RequirementName[] = ['lldb-19', ...program.needs];
  return bareEntry({ ...program, name: `${program.name}, minidump`, needs, start }, library);
}

/** A signer of test/search. */
export function signerEntry(
  name: keyof typeof SIGNERS,
  library: string,
  needs: readonly RequirementName[],
): Entry {
  return {
    name: `signer: ${name}`,
    library,
    needs: ['gdb', ...needs],
    async dump(folder) {
      const all = makeKeys(`recall ${name}`);
      const path = await dumpSigner(name, all, folder);
      const keys = Object.fromEntries(SIGNERS[name].names.map((each) => [each, all[each]!]));
      return [{ path, keys, needles: [] }];
    },
  };
}

/** A program of test/e2e/targets that holds whole encodings of keys and tokens, fresh in each run. */
export function holderEntry(
  name: string,
  start: (folder: string) => Promise<Holder>,
  needs: readonly RequirementName[],
  by: 'gcore' | 'kernel' = 'gcore',
): Entry {
  return {
    name: `${name}, by ${by}`,
    library: 'whole encodings',
    needs: [by === 'gcore' ? 'gdb' : 'kernel cores in the working folder', ...needs],
    async dump(folder) {
      const { target, keys, needles } = await start(folder);
      try {
        const path = by === 'gcore' ? await gcore(target.pid, folder) : await kernelCore(target, folder);
        return [{ path, keys, needles }];
      } finally {
        await target.stop();
      }
    },
  };
}

/** A holder of test/e2e/holders: `make` returns the path of its dump and the key that was planted. */
export function holderOfNumbers(
  name: string,
  library: string,
  needs: readonly RequirementName[],
  make: (folder: string) => Promise<{ path: string; keys: Dump['keys']; find?: string }>,
): Entry {
  return {
    name,
    library,
    needs: ['gdb', ...needs],
    async dump(folder) {
      return [{ ...(await make(folder)), needles: [] }];
    },
  };
}
