import fs from 'node:fs';
import { definedFields } from '../../core/base/runtime/defined.js';
import { DumpsieveError, reasonOf } from '../../core/base/runtime/errors.js';
import type { ScanChild } from '../../scan/child/scan-child.js';
import type { LogEntry } from '../log/chain.js';
import { type Decision, decide } from '../policy/policy.js';
import { Pipe } from '../sealing/pipe.js';
import { openSealed, openSealedTo } from '../sealing/sealing.js';
import { infoName, type SealedDump, sealedName } from '../state/layout.js';
import { Departure } from './departure.js';
import type { GuardContext } from './guard-context.js';
import { openScan, type ScanFacts, scanFacts } from './scan-facts.js';
import { digestOf } from './sparse-copy.js';
import { CopyChild, type StagedCopy, stageRedacted, stageUnchanged } from './staged-copy.js';

/** Why a dump is quarantined where no rule says so. */
type Unruled = 'no-identity' | 'not-opened' | 'crash-loop' | 'attempts' | 'copy-failed';

/** What is known of a dump when it is decided. */
interface Examined {
  info: DumpInfo;
  scan?: ScanFacts;
  truncated: boolean;
  /** SHA-256 of the sealed file. */
  sealed: string;
}

/** One sealed dump in `work`, from its first attempt until it is in `out`, in quarantine or dropped. */
export class GuardedDump {
  readonly #context: GuardContext;
  readonly #dump: SealedDump;
  readonly #departure: Departure;

  constructor(context: GuardContext, dump: SealedDump) {
    this.#context = context;
    this.#dump = dump;
    this.#departure = new Departure(context, dump);
  }

  /** A failed attempt is followed by the next one, the last by quarantine. */
  async run(): Promise<void> {
    const { log, layout, signal } = this.#context;
    const { id } = this.#dump;
    const { decided, attempts } = log.of(id);
    if (decided !== undefined && (await this.#departure.resume(decided))) return;
    const sealed = await digestOf(layout.path('work', sealedName(this.#dump)));
    for (let attempt = attempts + 1; ; attempt++) {
      signal.throwIfAborted();
      const reason = this.#leftSealed(attempt);
      const known = { info: {}, truncated: this.#dump.isCut, sealed };
      const entry =
        reason === undefined
          ? await this.#attempted(attempt, sealed)
          : await this.#quarantined(known, { rule: 0, why: [], notify: true }, { reason });
      if (entry !== undefined) return this.#departure.carryOut(entry);
    }
  }

  /** The decision, which the log has; undefined if the attempt has failed. */
  async #attempted(attempt: number, sealed: string): Promise<LogEntry | undefined> {
    const { log, layout, policy, limits, signal } = this.#context;
    const { id } = this.#dump;
    const pipe = new Pipe(layout.path('work'));
    const child = await openScan(policy.find, limits, pipe);
    try {
      await log.append({ event: 'taken', dump: id, attempt, sealed });
      return await this.#attempt(attempt, sealed, child, pipe);
    } catch (error) {
      signal.throwIfAborted();
      await log.append({ event: 'failed', dump: id, attempt, code: codeOf(error) });
      return undefined;
    } finally {
      pipe.closeWrite();
      await child.close();
      layout.remove(layout.attempt(id, attempt));
    }
  }

  /** Why it is not opened at all, or not once more. */
  #leftSealed(attempt: number): Unruled | undefined {
    const { policy, log } = this.#context;
    const { identity, limits, loop } = policy;
    if (identity === undefined) return 'no-identity';
    if (attempt > limits.attempts) return 'attempts';
    const isLoop = attempt === 1 && log.openedLately(this.#dump.id, loop.per) >= loop.keep;
    return isLoop ? 'crash-loop' : undefined;
  }

  async #attempt(attempt: number, sealed: string, child: ScanChild, pipe: Pipe): Promise<LogEntry> {
    const { policy, layout } = this.#context;
    const { id, isCut } = this.#dump;
    const info = await readInfo(layout.path('work', infoName(id)), policy.identity!);
    const { scan, isWhole } = await this.#scanned(child, pipe);
    await child.close();
    const truncated = isCut || !isWhole;
    if (scan.size === 0 && !isWhole)
      return this.#quarantined(
        { info, truncated, sealed },
        { rule: 0, why: [], notify: true },
        { reason: 'not-opened' },
      );
    const examined = { info, truncated, sealed, scan };
    const decision = decide(policy, { ...info, truncated, scan });
    if (decision.action === 'quarantine') return this.#quarantined(examined, decision, { reason: 'rule' });
    if (decision.action === 'drop') return this.#decided(examined, decision, {});
    const staged = await this.#staged(decision, examined, attempt);
    if ('code' in staged) return this.#quarantined(examined, decision, { reason: 'copy-failed', ...staged });
    const { sha256: copy, filled } = staged;
    return this.#decided(examined, decision, { copy, filled: loggedCauses(filled) });
  }

  async #scanned(child: ScanChild, pipe: Pipe): Promise<{ scan: ScanFacts; isWhole: boolean }> {
    const { policy, signal } = this.#context;
    const opened = this.#openTo(pipe);
    try {
      const scan = await scanFacts(child, policy.find, signal);
      return { scan, ...(await opened.ended) };
    } finally {
      opened.kill();
    }
  }

  #openTo(pipe: Pipe): ReturnType<typeof openSealedTo> {
    try {
      return openSealedTo(this.#file, this.#context.policy.identity!, pipe.write);
    } finally {
      pipe.closeWrite();
    }
  }

  get #file(): string {
    return this.#context.layout.path('work', sealedName(this.#dump));
  }

  /** Makes the copy. Why it is refused is no failure of the attempt: it is the same the next time. */
  async #staged(
    decision: Decision,
    { scan, truncated }: Examined & { scan: ScanFacts },
    attempt: number,
  ): Promise<StagedCopy | { code: string }> {
    const { layout, policy } = this.#context;
    if (layout.share() > policy.disk) return { code: 'disk' };
    try {
      const staged = await (decision.action === 'pass'
        ? this.#unchanged(scan)
        : this.#redacted(decision, attempt, truncated));
      return layout.share() > policy.disk ? { code: 'disk' } : staged;
    } catch (error) {
      const isRefusal = error instanceof DumpsieveError && !error.code.startsWith('scan-child-');
      if (!isRefusal) throw error;
      return { code: codeOf(error) };
    }
  }

  async #unchanged(scan: ScanFacts): Promise<StagedCopy | { code: string }> {
    const { layout, policy, signer } = this.#context;
    const opened = openSealed(this.#file, policy.identity!);
    try {
      const staged = await stageUnchanged(layout.staged(this.#dump.id), opened.chunks, scan, signer);
      return (await opened.ended).isWhole ? staged : { code: 'sealed-file-changed' };
    } finally {
      opened.kill();
    }
  }

  async #redacted(
    { keep = 'backtrace', acceptLimits }: Decision,
    attempt: number,
    truncated: boolean,
  ): Promise<StagedCopy | { code: string }> {
    const { layout, limits, signer, signal } = this.#context;
    const folder = layout.attempt(this.#dump.id, attempt);
    layout.remove(folder);
    fs.mkdirSync(folder, { mode: 0o700 });
    const { user } = limits;
    if (user !== undefined) fs.chownSync(folder, user.uid, user.gid);
    const options = { keep, ...(acceptLimits === undefined ? {} : { acceptLimits: [...acceptLimits] }) };
    const pipe = new Pipe(layout.path('work'));
    const copy = new CopyChild({ folder, limits, stdin: pipe.read });
    pipe.closeRead();
    try {
      const opened = this.#openTo(pipe);
      try {
        await copy.make(options, signal);
        if (!truncated && !(await opened.ended).isWhole) return { code: 'sealed-file-changed' };
      } finally {
        opened.kill();
      }
    } finally {
      await copy.close();
    }
    return stageRedacted(layout.staged(this.#dump.id), folder, user, signer);
  }

  #quarantined(
    examined: Examined,
    decision: Omit<Decision, 'action'>,
    why: { reason: Unruled | 'rule'; code?: string },
  ): Promise<LogEntry> {
    return this.#decided(examined, { ...decision, action: 'quarantine' }, why);
  }

  /** The entry that comes before anything happens to the dump. */
  async #decided(
    { info, scan, sealed, truncated }: Examined,
    { action, keep, rule, why, notify }: Decision,
    more: object,
  ): Promise<LogEntry> {
    const { log, policy } = this.#context;
    const entry: LogEntry = definedFields({
      event: 'decided',
      dump: this.#dump.id,
      sealed,
      action,
      keep: action === 'redact' ? keep : undefined,
      rule,
      truncated: truncated || undefined,
      exit: scan?.exit,
      format: scan && loggedName(scan.format),
      size: scan?.size,
      causes: scan && loggedCauses(scan.causes),
      uid: info.uid,
      why: loggedWhy(why),
      policy: policy.sha256,
      ...more,
    });
    await log.append(entry);
    if (notify) this.#context.notify(entry);
    return entry;
  }
}

const codeOf = (error: unknown): string =>
  loggedName(error instanceof DumpsieveError ? error.code : reasonOf(error));

/**
 * Facts of a dump as an entry of the log has them. They come from processes that have read a hostile dump,
 * and an entry that is too long cannot be written: names are checked, lists are short.
 */

/** Ids of rules and formats, and what else a copy is filled for. */
const NAME = /^[a-z0-9][a-z0-9 -]{0,63}$/i;
/** Causes that are named, those with the highest numbers. */
const MOST_CAUSES = 40;
/** Characters of the reasons of a decision. */
const LONGEST_WHY = 16_000;

export const loggedName = (name: string): string => (NAME.test(name) ? name : 'unknown');

/** Numbers by name; those of names that are not shown as `others`. */
export function loggedCauses(causes: Readonly<Record<string, number>>): Record<string, number> {
  const named = Object.entries(causes).filter(([name]) => NAME.test(name));
  const shown = named.sort(([, a], [, b]) => b - a).slice(0, MOST_CAUSES);
  const total = Object.values(causes).reduce((sum, count) => sum + count, 0);
  const others = total - shown.reduce((sum, [, count]) => sum + count, 0);
  return Object.fromEntries(others > 0 ? [...shown, ['others', others]] : shown);
}

/** The last reasons: the last of them is that of the rule that decided. */
export function loggedWhy(why: readonly string[]): string[] {
  let length = 0;
  const first =
    why.findLastIndex((line) => {
      length += line.length;
      return length > LONGEST_WHY;
    }) + 1;
  if (first === 0) return [...why];
  return [`${first} earlier rules: not listed`, ...why.slice(first)];
}

/** Characters of the part of a process's facts that is read: the sections behind it are for people. */
const LONGEST = 64 * 1024;
const FIELD = /^([a-z]+): (.*)$/;

/**
 * What the handler, or who has sealed a file of a watched folder, noted of a dump. A crashing process chooses
 * all of it: a hint, never a permission.
 */
interface DumpInfo {
  program?: string;
  uid?: number;
  path?: string;
}

/** Reads the noted facts; none if there are none, or they do not open. */
async function readInfo(file: string, identity: string): Promise<DumpInfo> {
  let text = '';
  try {
    const opened = openSealed(file, identity, { isCompressed: false });
    try {
      for await (const chunk of opened.chunks) {
        text += Buffer.from(chunk).toString('utf8');
        if (text.length > LONGEST) break;
      }
    } finally {
      opened.kill();
    }
  } catch {
    return {};
  }
  return parsed(text);
}

function parsed(text: string): DumpInfo {
  const fields = new Map<string, string>();
  for (const line of text.slice(0, LONGEST).split('\n')) {
    if (line === '') break;
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name !== undefined && value !== undefined && !fields.has(name)) fields.set(name, value);
  }
  const uid = fields.get('uid');
  return {
    ...(fields.has('program') ? { program: fields.get('program')! } : {}),
    ...(fields.has('path') ? { path: fields.get('path')! } : {}),
    ...(uid !== undefined && /^\d{1,10}$/.test(uid) ? { uid: Number(uid) } : {}),
  };
}
