import { DumpsieveError } from '../../core/base/runtime/errors.js';
import type { ChildLimits } from '../../core/options/scan-options.js';
import { ChildHandle } from '../../scan/child/child-process.js';
import type { CopyOptions } from '../../scan/child/messages.js';

/** Name of the copy in the folder of an attempt; its manifest has this name and `.manifest.json`. */
export const COPY = 'copy';

const SCRIPT = new URL('./copy-child-main.js', import.meta.url);

/** A process that makes a redacted copy of what it reads, in a folder where it may write. */
export class CopyChild {
  readonly #limits: ChildLimits;
  readonly #child: ChildHandle;

  constructor({ limits, ...start }: { folder: string; limits: ChildLimits; stdin: number }) {
    this.#limits = limits;
    this.#child = new ChildHandle({ ...limits, ...start, script: SCRIPT });
    this.#child.hold(true);
  }

  /** Throws the error of `redact`, and how the process has ended if it has: by a limit, or by the dump. */
  async make(options: CopyOptions, signal: AbortSignal): Promise<void> {
    const kill = (): void => void this.#child.kill();
    signal.addEventListener('abort', kill, { once: true });
    try {
      await this.#child.within(this.#limits.seconds, async () => {
        this.#child.request({ type: 'copy', options });
        for (;;) {
          const message = await this.#child.next();
          if (message.type === 'failed') throw new DumpsieveError(message.notice, message.exit);
          if (message.type === 'done') return;
        }
      });
    } finally {
      signal.removeEventListener('abort', kill);
    }
  }

  close(): Promise<void> {
    return this.#child.kill();
  }
}
