import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useHost } from '../../../fleet/src/host.js';
import { add } from '../../../fleet/src/work/add.js';
import type { OpenProcess } from '../../../fleet/src/work/scan-process.js';
import * as dumpsieve from '../../../src/index.js';

/** Processor time in ms, of all dumps of a folder. */
export interface Cost {
  supervisor: number;
  /** After the process was opened. */
  children: number;
  /** One scan by a scanner in this process. */
  scanner: number;
  /** Resident MB of the child, after every 500 scans. */
  memory: number[];
}

/** Milliseconds of a clock tick (proc_pid_stat(5)). */
const TICK = 10;

function timeOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

function memoryOf(pid: number): number {
  const [, kib] = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Math.round(Number(kib) / 1024);
}

const ownTime = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** `hunt add` of a folder with one child. */
export async function costOf(folder: string): Promise<Cost> {
  useHost(dumpsieve);
  const own = mkdtempSync(join(tmpdir(), 'dumpsieve-cost-'));
  const cost: Cost = { supervisor: 0, children: 0, scanner: 0, memory: [] };
  const open: OpenProcess = async ({ fd }) => {
    const child = await dumpsieve.ScanChild.within({ hash: true, jobs: 1 }, {}, { spool: fd });
    const pid = child.pid!;
    const before = timeOf(pid);
    let scans = 0;
    return {
      tool: child.tool,
      async *scan(source, each) {
        yield* child.scan(source, each);
        if (++scans % 500 === 0) cost.memory.push(memoryOf(pid));
      },
      async close() {
        if (child.pid === pid) cost.children += timeOf(pid) - before;
        await child.close();
      },
    };
  };
  try {
    const start = ownTime();
    await add({ store: join(own, 'store'), paths: [folder], jobs: 1 }, { open });
    cost.supervisor = ownTime() - start;
    cost.scanner = await scannerCost(folder);
    return cost;
  } finally {
    rmSync(own, { recursive: true });
  }
}

/** The first hundred scans warm it up. */
async function scannerCost(folder: string): Promise<number> {
  const paths = readdirSync(folder).map((name) => join(folder, name));
  const scanner = await dumpsieve.Scanner.open({ hash: true, jobs: 1 });
  let start = 0;
  const all = paths.slice(0, 200);
  for (const [i, path] of all.entries()) {
    if (i === 100) start = ownTime();
    for await (const event of scanner.scan(path)) void event;
  }
  await scanner.close();
  return (ownTime() - start) / (all.length - 100);
}
