import fs from 'node:fs';
import type { LogEntry } from '../log/chain.js';
import { reseal } from '../sealing/sealing.js';
import { infoName, type SealedDump, sealedName } from '../state/layout.js';
import type { GuardContext } from './guard-context.js';
import { isCopy, writeFileSynced } from './staged-copy.js';

/**
 * How a decided dump leaves `work`. The log has its decision by then; each step may be done twice, so that a
 * killed guard goes on where it was.
 */
export class Departure {
  readonly #context: GuardContext;
  readonly #dump: SealedDump;

  constructor(context: GuardContext, dump: SealedDump) {
    this.#context = context;
    this.#dump = dump;
  }

  /** Carries out a decision of an earlier run. False if its copy is not there: then it must be made again. */
  async resume(decided: LogEntry): Promise<boolean> {
    const { copy } = decided;
    if (copy !== undefined && !(await this.#isMade(copy))) return false;
    await this.carryOut(decided);
    return true;
  }

  async carryOut(decided: LogEntry): Promise<void> {
    const { action } = decided;
    if (action === 'quarantine') await this.#confine(decided);
    else if (action === 'drop') await this.#end('dropped');
    else await this.#publish(decided);
  }

  async #isMade(sha256: unknown): Promise<boolean> {
    const { layout } = this.#context;
    const { id } = this.#dump;
    return (await isCopy(layout.staged(id)[0], sha256)) || (await isCopy(layout.published(id)[0], sha256));
  }

  /**
   * Gives a staged copy its names in `out`: the copy is the last, so that there is none without a manifest.
   * The original of a redacted copy is the responder's.
   */
  async #publish(decided: LogEntry): Promise<void> {
    const { layout } = this.#context;
    const staged = layout.staged(this.#dump.id);
    const published = layout.published(this.#dump.id);
    for (const part of [2, 1, 0] as const) layout.rename(staged[part], published[part], true);
    if (decided.action === 'redact') await this.#sealAnew(decided);
    await this.#end('out');
  }

  async #confine(decided: LogEntry): Promise<void> {
    await this.#sealAnew(decided);
    await this.#end('quarantine');
  }

  /** Seals the dump to the responder alone, with why. What does not open here stays sealed as it came. */
  async #sealAnew(decided: LogEntry): Promise<void> {
    const { layout, policy } = this.#context;
    const { responder: recipients, identity } = policy;
    for (const name of [infoName(this.#dump.id), sealedName(this.#dump)]) {
      const from = layout.path('work', name);
      const target = layout.path('quarantine', name);
      if (!fs.existsSync(from)) continue;
      const isSealed = identity !== undefined && (await reseal(from, target, { identity, recipients }));
      if (!isSealed) layout.rename(from, target);
    }
    const why = layout.path('quarantine', `${this.#dump.id}.json`);
    const draft = layout.path('work', `${this.#dump.id}.json`);
    writeFileSynced(draft, `${JSON.stringify(decided, null, 2)}\n`);
    layout.rename(draft, why);
  }

  async #end(where: 'out' | 'quarantine' | 'dropped'): Promise<void> {
    const { layout, log } = this.#context;
    const { id } = this.#dump;
    const names = [sealedName(this.#dump), infoName(id), `${id}.json`].map((name) =>
      layout.path('work', name),
    );
    layout.remove(...names, ...layout.staged(id));
    await log.append({ event: 'done', dump: id, where });
  }
}
