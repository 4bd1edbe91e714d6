import type { LogEntry, LogRecord } from '../log/chain.js';
import type { GuardLog } from '../log/log.js';
import { loopKeyOf } from '../state/layout.js';

/** What the log says of a dump that has not left yet. */
export interface DumpHistory {
  /** Attempts that were begun. */
  attempts: number;
  /** The last decision, which may not be carried out yet. */
  decided?: LogEntry;
}

/** Events that end a dump. */
const FINAL = 'done';

/**
 * The log with what the guard asks it: how far each dump has come, which dumps of a crash loop were opened
 * lately, and which refusals are counted.
 */
export class DumpLog {
  readonly #log: GuardLog;
  readonly #dumps = new Map<string, DumpHistory>();
  /** When dumps of a user and program were opened, in milliseconds. */
  readonly #opened = new Map<string, number[]>();
  readonly #refused = new Map<string, number>();
  /** Dumps that ended since the log was opened, by where they are. */
  readonly ended = { out: 0, quarantine: 0, dropped: 0 };

  private constructor(log: GuardLog) {
    this.#log = log;
  }

  static async read(log: GuardLog): Promise<DumpLog> {
    const history = new DumpLog(log);
    for await (const record of log.entries()) history.#take(record, Date.parse(record.time));
    return history;
  }

  async append(entry: LogEntry): Promise<void> {
    await this.#log.append(entry);
    this.#take(entry, Date.now());
    const { event, where } = entry;
    if (event === FINAL && typeof where === 'string' && where in this.ended)
      this.ended[where as keyof typeof this.ended]++;
  }

  of(id: string): DumpHistory {
    return this.#dumps.get(id) ?? { attempts: 0 };
  }

  /** Dumps that are decided and not ended. */
  *undone(): Generator<[id: string, decided: LogEntry]> {
    for (const [id, { decided }] of this.#dumps) if (decided !== undefined) yield [id, decided];
  }

  /** How many dumps of the same user and program were opened in the last `per` milliseconds. */
  openedLately(id: string, per: number): number {
    // A clock that was set back makes times of the future, which count too.
    const since = Date.now() - per;
    return (this.#opened.get(loopKeyOf(id)) ?? []).filter((time) => time > since).length;
  }

  /** Refusals of a reason that the log has. */
  refused(reason: string): number {
    return this.#refused.get(reason) ?? 0;
  }

  #take(entry: LogEntry | LogRecord, time: number): void {
    const { event, dump } = entry;
    if (event === 'refused' && typeof entry.reason === 'string' && typeof entry.total === 'number')
      this.#refused.set(entry.reason, entry.total);
    if (dump === undefined) return;
    if (event === FINAL) {
      this.#dumps.delete(dump);
      return;
    }
    const history = this.of(dump);
    if (event === 'taken') history.attempts++;
    else if (event === 'decided') history.decided = entry;
    else if (event !== 'failed') return;
    this.#dumps.set(dump, history);
    if (event === 'taken' && history.attempts === 1) {
      const key = loopKeyOf(dump);
      this.#opened.set(key, [...(this.#opened.get(key) ?? []), time].slice(-1000));
    }
  }
}
