import { appendFileSync } from 'node:fs';
import { useHost } from '../../../fleet/src/host.js';
import { add } from '../../../fleet/src/work/add.js';
import type { AddOptions } from '../../../fleet/src/work/options.js';
import type { OpenProcess } from '../../../fleet/src/work/scan-process.js';
import * as dumpsieve from '../../../src/index.js';

/** What a killing process runs: `hunt add` with processes that die for dumps named `poison`. */
export interface AddRequest {
  options: AddOptions;
  /** Seconds. */
  heartbeat: number;
  /** Gets a line for each scan that begins: its path. */
  log?: string;
}

useHost(dumpsieve);

const { options, heartbeat, log } = JSON.parse(process.argv[2]!) as AddRequest;

/** A stream in whose middle the process dies that reads it. */
async function* deadly(child: dumpsieve.ScanChild): AsyncGenerator<Uint8Array> {
  yield Buffer.from('the beginning');
  process.kill(child.pid!, 'SIGSEGV');
  await new Promise(() => {});
}

const open: OpenProcess = async ({ fd }) => {
  const child = await dumpsieve.ScanChild.within(
    { hash: true, jobs: 1, ...options.scanner },
    {},
    { spool: fd },
  );
  return {
    tool: child.tool,
    async *scan(source, each) {
      const path = Buffer.from(source as Uint8Array).toString();
      if (log !== undefined) appendFileSync(log, `${path}\n`);
      const bytes = path.includes('poison') ? deadly(child) : undefined;
      yield* child.scan(bytes === undefined ? source : { name: path, bytes }, each);
    },
    close: () => child.close(),
  };
};

const notices: string[] = [];
const result = await add(
  { ...options, onNotice: ({ code, dump = '' }) => notices.push(`${code} ${dump}`) },
  { open, heartbeat },
);
process.stdout.write(JSON.stringify({ ...result, notices, cpu: process.cpuUsage() }));
