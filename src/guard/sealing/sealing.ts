import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { DumpsieveError, reasonOf } from '../../core/base/runtime/errors.js';
import { syncFolder } from '../state/layout.js';

/**
 * Encryption is age's, compression zstd's, each run as a child: https://age-encryption.org/v1 and RFC 8878.
 * Keys are named by file: none is on a command line.
 */

const NONE = 'ignore';

/** Nothing of the service but where programs are. */
const ENVIRONMENT = { PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' };

/**
 * Opens a sealed dump. The status of a pipeline is that of its last command, and what age has cut off looks
 * like an end: age's own status comes through a descriptor of its own.
 */
const OPEN = '{ age -d -i "$1" <&4; echo "$?" >&3; } | zstd -dcq 3>&-';
const DECRYPT = 'age -d -i "$1" <&4; echo "$?" >&3';
/** Seals it anew, without decompressing it. */
const RESEAL = '{ age -d -i "$1" <&4; echo "$?" >&3; } | age -R "$2" 3>&- >&5';

/** How the opening of a sealed dump has ended. */
interface Opening {
  /** All was there, as it was sealed. */
  isWhole: boolean;
  /** Bytes that were opened and read so far. */
  readonly bytes: number;
}

/** A sealed dump that is being opened. */
export interface OpenedDump {
  chunks: AsyncIterable<Uint8Array>;
  /** Resolves when both programs have ended. */
  ended: Promise<Opening>;
  kill(): void;
}

/** Runs a script in a session of its own, so that all of it can be killed. */
function pipeline(
  script: string,
  parameters: readonly string[],
  descriptors: readonly (number | 'pipe' | 'ignore')[],
): ChildProcess {
  return spawn('/bin/sh', ['-c', script, 'sh', ...parameters], {
    env: ENVIRONMENT,
    stdio: [NONE, ...descriptors],
    detached: true,
  });
}

const killAll = ({ pid }: ChildProcess): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
};

/** Status of a pipeline, and that of age, which came through descriptor 3. */
async function endOf(child: ChildProcess): Promise<{ status: number; age: number }> {
  const status = child.stdio[3] as Readable;
  let text = '';
  status.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  // Only the shells hold the descriptor of the status: it ends with them, maybe a moment later.
  const said = once(status, 'close');
  said.catch(() => {});
  const [code] = (await once(child, 'exit').catch((error: unknown) => {
    throw notStarted(error);
  })) as [number | null];
  await said;
  const age = /^\d+/.exec(text)?.[0];
  return { status: code ?? 1, age: age === undefined ? 1 : Number(age) };
}

/** Opens a sealed dump into a descriptor, which a child reads. The caller may kill it. */
export function openSealedTo(
  file: string,
  identity: string,
  target: number,
): { ended: Promise<{ isWhole: boolean }>; kill(): void } {
  const fd = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0));
  try {
    const child = pipeline(OPEN, [identity], [target, NONE, 'pipe', fd]);
    const ended = endOf(child).then(({ status, age }) => ({ isWhole: status === 0 && age === 0 }));
    // Who kills it need not await it.
    ended.catch(() => {});
    return { ended, kill: () => killAll(child) };
  } finally {
    fs.closeSync(fd);
  }
}

/** Opens a sealed dump with the identity of the machine. The caller reads the chunks, or kills it. */
export function openSealed(
  file: string,
  identity: string,
  { isCompressed = true }: { isCompressed?: boolean } = {},
): OpenedDump {
  const fd = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0));
  let bytes = 0;
  try {
    const child = pipeline(isCompressed ? OPEN : DECRYPT, [identity], ['pipe', NONE, 'pipe', fd]);
    const end = endOf(child);
    // Who reads the chunks alone need not await it.
    end.catch(() => {});
    const output = child.stdout as Readable;
    // What nothing listens to when a child ends is dropped by Node, and a small dump ends before it is read.
    output.on('readable', () => {});
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for await (const chunk of output as AsyncIterable<Uint8Array>) {
        bytes += chunk.length;
        yield chunk;
      }
    }
    return {
      chunks: chunks(),
      ended: end.then(({ status, age }) => ({
        isWhole: status === 0 && age === 0,
        // The programs may have ended before all that they wrote is read.
        get bytes() {
          return bytes;
        },
      })),
      kill: () => killAll(child),
    };
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Seals a file anew, to others alone. It gets its name when it is complete and on the disk. False, and no
 * file, if nothing of it opens for this identity. What opens of a damaged file is sealed.
 */
export async function reseal(
  file: string,
  target: string,
  { identity, recipients }: { identity: string; recipients: string },
): Promise<boolean> {
  const draft = path.join(path.dirname(target), `.${path.basename(target)}`);
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_RDONLY } = fs.constants;
  // The age of a killed guard may still write to its own.
  fs.rmSync(draft, { force: true });
  const from = fs.openSync(file, O_RDONLY | O_NOFOLLOW);
  try {
    const to = fs.openSync(draft, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      const { status, age } = await endOf(
        pipeline(RESEAL, [identity, recipients], [NONE, NONE, 'pipe', from, to]),
      );
      if (status !== 0) throw notSealed();
      if (age !== 0 && !holdsAnything(to)) return false;
      fs.fsyncSync(to);
      fs.renameSync(draft, target);
      syncFolder(path.dirname(target));
      return true;
    } finally {
      fs.closeSync(to);
      fs.rmSync(draft, { force: true });
    }
  } finally {
    fs.closeSync(from);
  }
}

/** Octets of the nonce and of the tag of an empty last chunk: the payload of a file that holds nothing. */
const EMPTY_PAYLOAD = 32;
/** Octets of the longest header that age reads of a file with a few dozen recipients. */
const LONGEST_HEADER = 64 * 1024;

/** Whether a sealed file has content: its header ends with the line of its MAC. */
function holdsAnything(fd: number): boolean {
  const head = Buffer.alloc(LONGEST_HEADER);
  const text = head.toString('latin1', 0, fs.readSync(fd, head, 0, head.length, 0));
  const mac = text.indexOf('\n--- ');
  const end = text.indexOf('\n', mac + 1);
  return fs.fstatSync(fd).size - (end + 1) > EMPTY_PAYLOAD;
}

const notStarted = (error: unknown): DumpsieveError =>
  new DumpsieveError(
    {
      code: 'guard-program-missing',
      message: `sh, age or zstd could not be started (${reasonOf(error)})`,
      hint: 'install age and zstd; dumpsieve guard check says what is missing',
    },
    2,
    error,
  );

const notSealed = (): DumpsieveError =>
  new DumpsieveError(
    {
      code: 'guard-not-sealed',
      message: 'age did not seal the dump anew',
      hint: 'the disk may be full, or the recipients of the responder damaged: dumpsieve guard check',
    },
    2,
  );
