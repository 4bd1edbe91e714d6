import { appendFileSync } from 'node:fs';
import * as dumpsieve from 'dumpsieve';
import { useHost } from '../../../fleet/src/host.js';
import { add } from '../../../fleet/src/work/add.js';
import type {
  AddOptions,
  ObjectOptions,
  ScanningOptions,
  WorkOptions,
} from '../../../fleet/src/work/options.js';
import type { OpenProcess } from '../../../fleet/src/work/scan-process.js';
import { work } from '../../../fleet/src/work/work.js';
import { workObject } from '../../../fleet/src/work/work-object.js';

/** What a process runs, with scan children that die for dumps named `poison`. */
export interface AddRequest {
  /** Default: add. */
  verb?: 'add' | 'work' | 'workObject';
  options: ScanningOptions & Partial<AddOptions & WorkOptions & ObjectOptions>;
  /** Seconds. */
  heartbeat: number;
  /** Milliseconds for which a store that cannot be reached is asked again. */
  patience?: number;
  /** Gets a line for each scan that begins: its path. */
  log?: string;
}

useHost(dumpsieve);

const { verb = 'add', options, heartbeat, log, patience } = JSON.parse(process.argv[2]!) as AddRequest;

/** A stream in whose middle the process dies that reads it. */
async function* deadly(child: dumpsieve.ScanChild): AsyncGenerator<Uint8Array> {
  yield Buffer.from('the beginning');
  process.kill(child.pid!, 'SIGSEGV');
  await new Promise(() => {});
}

const nameOf = (source: dumpsieve.ChildSource): string =>
  typeof source === 'string' || source instanceof Uint8Array ? Buffer.from(source).toString() : source.name;

const open: OpenProcess = async ({ fd }) => {
  const child = await dumpsieve.ScanChild.within(
    { hash: true, jobs: 1, ...options.scanner },
    {},
    { spool: fd },
  );
  return {
    tool: child.tool,
    async *scan(source, each) {
      const path = nameOf(source);
      if (log !== undefined) appendFileSync(log, `${path}\n`);
      const bytes = path.includes('poison') ? deadly(child) : undefined;
      yield* child.scan(bytes === undefined ? source : { name: path, bytes }, each);
    },
    close: () => child.close(),
  };
};

const end = new AbortController();
process.on('SIGTERM', () => end.abort());

const notices: string[] = [];
const result = await { add, work, workObject }[verb](
  {
    ...(options as AddOptions & WorkOptions & ObjectOptions),
    signal: end.signal,
    onNotice: ({ code, message, dump = '' }) => notices.push(`${code} ${dump} ${message}`),
  },
  { open, heartbeat, ...(patience === undefined ? {} : { patience }) },
);
process.stdout.write(JSON.stringify({ ...result, notices, cpu: process.cpuUsage() }));
