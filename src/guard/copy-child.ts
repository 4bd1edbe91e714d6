import { DumpsieveError } from '../base/runtime/errors.js';
import type { ChildLimits } from '../options/scan-options.js';
import { ChildHandle } from '../scanner/child/child-process.js';
import { writeFrames } from '../scanner/child/frames.js';
import type { CopyOptions } from '../scanner/child/messages.js';

/** Name of the copy in the folder of an attempt; its manifest has this name and `.manifest.json`. */
export const COPY = 'copy';

const SCRIPT = new URL('./copy-child-main.js', import.meta.url);

/**
 * Makes a redacted copy of a stream in a process of its own, below `folder`, where that process may write.
 * Throws the error of `redact`, and how the process has ended if it has: by a limit, or by the dump.
 */
export async function copyInChild(
  chunks: AsyncIterable<Uint8Array>,
  options: CopyOptions,
  { folder, limits, signal }: { folder: string; limits: ChildLimits; signal: AbortSignal },
): Promise<void> {
  const child = new ChildHandle({ ...limits, script: SCRIPT, folder });
  const kill = (): void => void child.kill();
  signal.addEventListener('abort', kill, { once: true });
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  try {
    await child.within(limits.seconds, async () => {
      child.hold(true);
      child.request({ type: 'copy', options });
      const { channel } = child;
      const written = channel && writeFrames(channel, chunks, finished);
      for (;;) {
        const message = await child.next();
        if (message.type === 'failed') throw new DumpsieveError(message.notice, message.exit);
        if (message.type === 'done') break;
      }
      finish();
      await written;
    });
  } finally {
    finish();
    signal.removeEventListener('abort', kill);
    await child.kill();
  }
}
