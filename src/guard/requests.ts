import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import { orUndefined } from '../core/base/runtime/or-undefined.js';
import { tryTo } from '../core/base/runtime/try-to.js';
import { ManifestSigner } from '../redact/signature/signer.js';
import type { LogEntry } from './log/chain.js';
import { GuardLog, type OnHead } from './log/log.js';
import type { Policy } from './policy/policy.js';
import { isServed } from './state/is-served.js';
import { holdLock } from './state/lock.js';

/**
 * Entries that other commands of the guard's user ask for. One process writes the log: where a service runs,
 * an entry is put into a folder as a file, which the service takes away when the entry is in the log.
 */

/** An entry for the log about a dump that a responder gets. */
export interface Release extends LogEntry {
  event: 'released';
  dump: string;
  /** Masked. */
  reason: string;
  /** SHA-256 of the sealed file, in hexadecimal. */
  sealed: string;
}

const FOLDER = 'requests';
const DUMP = /^\d{1,12}-[0-9a-f]{8}-\d{1,10}-[0-9a-f]{16}$/;
const HASH = /^[0-9a-f]{64}$/;
const TOKEN = /^[0-9a-f]{16}$/;
/** Characters of a reason at most. */
export const LONGEST_REASON = 1000;
/** Octets of a request: each character may take 6 in JSON. */
const LONGEST = 16 * 1024;

/** Milliseconds between two looks for an answer, and until there must be one. */
const PERIOD = 50;
const PATIENCE = 30_000;
/** Milliseconds between two looks of the service where the system does not notify it. */
const LOOK = 1_000;

/**
 * Appends an entry: by the service if one runs, else here. Throws (exit 2 or 3) if it is not in the log.
 */
export async function appendRelease(policy: Policy, entry: Release, onHead: OnHead): Promise<void> {
  if (await isServed(policy)) return request(policy.state, entry);
  const unlock = await holdLock(policy.state);
  try {
    const log = await GuardLog.open(policy.state, ManifestSigner.open(policy.sign), onHead);
    try {
      await log.append(entry);
    } finally {
      log.close();
    }
  } finally {
    unlock();
  }
}

async function request(state: string, entry: Release): Promise<void> {
  const folder = path.join(state, FOLDER);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const token = randomBytes(8).toString('hex');
  const file = path.join(folder, `${token}.json`);
  fs.writeFileSync(`${file}.new`, JSON.stringify(entry), { flag: 'wx', mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
  const until = Date.now() + PATIENCE;
  while (Date.now() < until) {
    await sleep(PERIOD);
    if (fs.existsSync(path.join(folder, `${token}.failed`))) break;
    if (!fs.existsSync(file)) return;
  }
  for (const name of [file, path.join(folder, `${token}.failed`)])
    tryTo(() => fs.rmSync(name, { force: true }));
  throw new DumpsieveError(
    {
      code: 'guard-no-answer',
      message: 'the guard that is running did not write the entry to its log',
      hint: 'look at its journal; dumpsieve guard check says what is wrong',
    },
    2,
  );
}

/**
 * Takes requests as the service, until it is closed. `append` writes an entry to the log, and throws if that
 * fails: the request then fails too.
 */
export function serveRequests(
  state: string,
  append: (entry: Release) => Promise<void>,
): { close: () => void } {
  const folder = path.join(state, FOLDER);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  let last = Promise.resolve();
  const look = (): void => {
    last = last.then(() => takeRequests(folder, append)).catch(() => {});
  };
  const watcher = orUndefined(() => fs.watch(folder, { persistent: false }, look));
  watcher?.on('error', () => {});
  const timer = setInterval(look, LOOK).unref();
  look();
  return {
    close() {
      watcher?.close();
      clearInterval(timer);
    },
  };
}

async function takeRequests(folder: string, append: (entry: Release) => Promise<void>): Promise<void> {
  for (const name of fs.readdirSync(folder)) {
    const token = path.basename(name, '.json');
    if (!TOKEN.test(token) || !name.endsWith('.json')) continue;
    const file = path.join(folder, name);
    const entry = orUndefined(() => readRequest(file));
    try {
      if (entry === undefined) throw new Error('no release');
      await append(entry);
      fs.rmSync(file);
    } catch {
      fs.renameSync(file, path.join(folder, `${token}.failed`));
    }
  }
}

/** Only what a release has: nothing else gets into the log. */
function readRequest(file: string): Release | undefined {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
  const fd = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(LONGEST);
    const text = bytes.toString('utf8', 0, fs.readSync(fd, bytes, 0, LONGEST, 0));
    const { event, dump, reason, sealed } = JSON.parse(text) as Partial<Record<keyof Release, unknown>>;
    if (event !== 'released' || typeof dump !== 'string' || !DUMP.test(dump)) return undefined;
    if (typeof sealed !== 'string' || !HASH.test(sealed)) return undefined;
    if (typeof reason !== 'string' || reason.length > LONGEST_REASON) return undefined;
    return { event, dump, reason, sealed };
  } finally {
    fs.closeSync(fd);
  }
}
