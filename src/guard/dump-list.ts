import fs from 'node:fs';
import path from 'node:path';
import type { Notice } from '../core/base/runtime/errors.js';
import { orUndefined } from '../core/base/runtime/or-undefined.js';
import { type LogRecord, walkChain } from './log/chain.js';
import { LOG_NAME } from './log/log.js';
import { logNotice } from './log/log-notices.js';
import type { Policy } from './policy/policy.js';
import { FOLDERS, type FolderName, sealedDumpOf, timeOf } from './state/layout.js';
import { refusals } from './state/refused.js';

/** Where a dump is; `gone`: decided, and in none of the folders. */
type DumpPlace = 'waiting' | 'out' | 'quarantine' | 'dropped' | 'expired' | 'gone';

/** A dump of a guard, by its folders and its log. */
export interface ListedDump {
  id: string;
  /** When it was made, by the clock of its machine: ISO 8601. */
  made: string;
  place: DumpPlace;
  /** The sealed dump is in quarantine, as the original of a redacted copy is too. */
  isReleasable: boolean;
  /** The last decision: action, rule (0: none), reason, exit status of the scan, causes. */
  decided?: {
    action: string;
    rule: number;
    reason?: string;
    code?: string;
    exit?: number;
    truncated: boolean;
  };
  /** Rule by rule, up to the one that decided. */
  why: string[];
  /** When and why it was handed over. */
  released: { time: string; reason: string }[];
}

export interface DumpList {
  dumps: ListedDump[];
  /** Dumps that the handler refused, by reason. */
  refused: Record<string, number>;
  /** What is wrong with the log: entries behind it are not shown. */
  problems: Notice[];
}

/** The dumps of a guard, the oldest first. Reads only; the log is verified by `verify`. */
export async function listDumps(policy: Pick<Policy, 'state'>): Promise<DumpList> {
  const { state } = policy;
  const records = new Map<string, LogRecord[]>();
  const problems = await readLog(path.join(state, LOG_NAME), (record) => {
    const { dump } = record;
    if (dump === undefined) return;
    const known = records.get(dump);
    if (known === undefined) records.set(dump, [record]);
    else known.push(record);
  });
  const places = placesIn(state);
  const ids = [...new Set([...places.keys(), ...records.keys()])];
  const dumps = ids.map((id) => listed(id, places.get(id), records.get(id) ?? [], state));
  dumps.sort((a, b) => timeOf(a.id) - timeOf(b.id) || (a.id < b.id ? -1 : 1));
  return { dumps, refused: Object.fromEntries(orUndefined(() => refusals(state)) ?? []), problems };
}

async function readLog(name: string, onRecord: (record: LogRecord) => void): Promise<Notice[]> {
  const fd = orUndefined(() => fs.openSync(name, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0)));
  if (fd === undefined) return [NO_LOG];
  try {
    const { count, isBroken } = await walkChain(fd, fs.fstatSync(fd).size, onRecord);
    return isBroken ? [logNotice('log-line-changed', count + 1)] : [];
  } finally {
    fs.closeSync(fd);
  }
}

const NO_LOG: Notice = {
  code: 'guard-no-log',
  message: 'there is no log, or it cannot be read',
  hint: 'start the guard (guard watch), or run as its user',
};

const PLACES: Readonly<Record<FolderName, DumpPlace>> = {
  spool: 'waiting',
  work: 'waiting',
  out: 'out',
  quarantine: 'quarantine',
};
const COPY = /^\d{1,12}-[0-9a-f]{8}-\d{1,10}-[0-9a-f]{16}$/;

/** Where dumps are. The original of a redacted copy is in quarantine, too: then it has both. */
function placesIn(state: string): Map<string, DumpPlace[]> {
  const places = new Map<string, DumpPlace[]>();
  for (const folder of FOLDERS)
    for (const name of orUndefined(() => fs.readdirSync(path.join(state, folder))) ?? []) {
      const id = sealedDumpOf(name)?.id ?? (folder === 'out' && COPY.test(name) ? name : undefined);
      if (id !== undefined) places.set(id, [...(places.get(id) ?? []), PLACES[folder]]);
    }
  return places;
}

function listed(
  id: string,
  places: readonly DumpPlace[] | undefined,
  records: readonly LogRecord[],
  state: string,
): ListedDump {
  const decided = records.findLast(({ event }) => event === 'decided') ?? decisionBeside(state, id);
  const released = records.filter(({ event }) => event === 'released');
  return {
    id,
    made: new Date(timeOf(id)).toISOString(),
    place: places?.[0] ?? placeByLog(records),
    isReleasable: places?.includes('quarantine') ?? false,
    ...(decided === undefined ? {} : { decided: decisionOf(decided) }),
    why: Array.isArray(decided?.why) ? decided.why.map(String) : [],
    released: released.map(({ time, reason }) => ({ time, reason: String(reason) })),
  };
}

function placeByLog(records: readonly LogRecord[]): DumpPlace {
  const last = records.findLast(({ event }) => event === 'done' || event === 'expired');
  if (last?.event === 'expired') return 'expired';
  return last?.where === 'dropped' ? 'dropped' : 'gone';
}

/** The decision in the JSON file of a dump in quarantine, for a folder that was copied without its log. */
function decisionBeside(state: string, id: string): Record<string, unknown> | undefined {
  const file = path.join(state, 'quarantine', `${id}.json`);
  const value: unknown = orUndefined(() => JSON.parse(fs.readFileSync(file, 'utf8')));
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}

function decisionOf(entry: Readonly<Record<string, unknown>>): NonNullable<ListedDump['decided']> {
  const { action, rule, reason, code, exit, truncated } = entry;
  return {
    action: String(action),
    rule: typeof rule === 'number' ? rule : 0,
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof exit === 'number' ? { exit } : {}),
    truncated: truncated === true,
  };
}
