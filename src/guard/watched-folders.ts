import { maskText } from '../api/mask.js';
import type { GuardContext } from './dumps/guard-context.js';
import { WatchedFolder } from './folders/folders.js';

/** The folders of others that a policy names. */
export class WatchedFolders {
  readonly #context: GuardContext;
  readonly #folders: WatchedFolder[] = [];

  /** Throws (exit 3) for a folder that is missing, or that the guard must not watch. */
  constructor(context: GuardContext) {
    this.#context = context;
    const { policy, layout } = context;
    const { state, recipients } = policy;
    const hasRoom = (bytes: number): boolean => layout.share() + bytes / layout.total() <= policy.disk;
    try {
      for (const row of policy.watch)
        this.#folders.push(WatchedFolder.open(row, { state, recipients, hasRoom }));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Seals what is ready. A name is the choice of who wrote the file: it is masked in the log. */
  async look(): Promise<void> {
    const { log, signal } = this.#context;
    for (const folder of this.#folders)
      for await (const file of folder.take(signal)) {
        const name = await maskText(file.path);
        if (file.kind === 'listed') await log.append({ event: 'listed', path: name, reason: file.reason });
        else {
          const { id, uid, bytes, seconds } = file;
          await log.append({ event: 'sealed', dump: id, path: name, uid, bytes, seconds: seconds ?? null });
        }
      }
  }

  /** Files that were not quiet yet. */
  get waiting(): number {
    return this.#folders.reduce((sum, { waiting }) => sum + waiting, 0);
  }

  close(): void {
    for (const folder of this.#folders) folder.close();
  }
}
