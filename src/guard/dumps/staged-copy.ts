import fs from 'node:fs';
import path from 'node:path';
import { DumpsieveError, reasonOf } from '../../core/base/runtime/errors.js';
import type { ChildLimits, ChildUser } from '../../core/options/check-options.js';
import { manifestOf } from '../../redact/copy-files.js';
import { LONGEST_MANIFEST, readManifest, writeManifest } from '../../redact/manifest/json.js';
import { type FileDigest, fillList, MANIFEST_TYPE, type Manifest } from '../../redact/manifest/manifest.js';
import type { ManifestSigner } from '../../redact/signature/signer.js';
import { ChildHandle } from '../../scan/child/child-process.js';
import type { CopyOptions } from '../../scan/child/messages.js';
import type { ScanFacts } from './scan-facts.js';
import { chunksOf, sha256Of, writeSparse } from './sparse-copy.js';

/**
 * Copies that are complete and on the disk, with a signed manifest, and have no name in `out` yet: that they
 * get when the log has their digest.
 */

const { O_RDONLY, O_RDWR, O_CREAT, O_TRUNC, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;

/** Bytes of the longest copy: a hole takes its child no time, and reading one of this length 6 minutes. */
const LONGEST_COPY = 2 ** 40;

/** Names of a copy, its manifest and the manifest's signature. */
export type CopyNames = readonly [copy: string, manifest: string, signature: string];

export interface StagedCopy {
  sha256: string;
  /** Number of places that were filled, by cause; none for a copy that keeps backtraces alone. */
  filled: Record<string, number>;
}

/** Stages a dump in which nothing was found, as it is. */
export async function stageUnchanged(
  names: CopyNames,
  chunks: AsyncIterable<Uint8Array>,
  { format, coverage, tool }: ScanFacts,
  signer: ManifestSigner,
): Promise<StagedCopy> {
  const output = await written(names[0], chunks);
  const manifest: Manifest = {
    schemaVersion: 1,
    type: MANIFEST_TYPE,
    tool,
    format,
    keep: 'unchanged',
    paths: 'keep',
    fill: { byte: 0 },
    plan: fillList('full', []),
    coverage,
    acceptedLimits: [],
    output,
  };
  return signed(names, writeManifest(manifest), output, signer);
}

/**
 * Stages the copy that a child has left in the folder of its attempt. The child has read a hostile dump: its
 * files are taken as they are only if they are files of its user, and the copy what its manifest says. The
 * bytes are copied, since a descriptor of the child may outlive it.
 */
export async function stageRedacted(
  names: CopyNames,
  folder: string,
  user: ChildUser | undefined,
  signer: ManifestSigner,
): Promise<StagedCopy> {
  const made = path.join(folder, COPY);
  const text = await fromChild(manifestOf(made), user, async (fd) => {
    const { size } = fs.fstatSync(fd);
    if (size > LONGEST_MANIFEST) throw refused('its manifest is too long');
    return fs.readFileSync(fd);
  });
  const read = await readManifest(text);
  if ('problem' in read) throw refused(read.problem.message);
  const { manifest } = read;
  const output = await fromChild(made, user, async (fd) => {
    const { size } = fs.fstatSync(fd);
    if (size !== manifest.output.bytes || size > LONGEST_COPY) throw refused('its length is wrong');
    return written(names[0], chunksOf(fd));
  });
  if (output.sha256 !== manifest.output.sha256 || output.bytes !== manifest.output.bytes)
    throw refused('it is not what its manifest says');
  return { ...(await signed(names, text, output, signer)), filled: causesOf(manifest) };
}

function causesOf({ plan }: Manifest): Record<string, number> {
  if (plan.kind === 'allow-list') return {};
  return Object.fromEntries(plan.causes.map(({ cause, places }) => [cause, places]));
}

async function written(name: string, chunks: AsyncIterable<Uint8Array>): Promise<FileDigest> {
  const fd = fs.openSync(name, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  try {
    return await writeSparse(fd, chunks);
  } finally {
    fs.closeSync(fd);
  }
}

function signed(
  [, manifest, signature]: CopyNames,
  text: Buffer,
  { sha256 }: FileDigest,
  signer: ManifestSigner,
): StagedCopy {
  writeFileSynced(manifest, text);
  writeFileSynced(signature, signer.sign(text, `redaction manifest of sha256:${sha256}`));
  return { sha256, filled: {} };
}

/** Writes a file of the guard's own, whole and to the disk. */
export function writeFileSynced(name: string, content: string | Uint8Array): void {
  const fd = fs.openSync(name, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  try {
    fs.writeFileSync(fd, content);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Reads a regular file that a child has written; a link, a pipe or the file of another user is refused. */
async function fromChild<T>(
  name: string,
  user: ChildUser | undefined,
  read: (fd: number) => Promise<T>,
): Promise<T> {
  let fd: number;
  try {
    fd = fs.openSync(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    throw refused(reasonOf(error), error);
  }
  try {
    const stats = fs.fstatSync(fd);
    if (!stats.isFile() || stats.nlink !== 1) throw refused('it is no file of its own');
    if (user !== undefined && stats.uid !== user.uid) throw refused('it is a file of another user');
    return await read(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function refused(reason: string, cause?: unknown): DumpsieveError {
  const message = `the copy that was made is refused (${reason})`;
  const hint = 'the dump may have taken over the process that read it: quarantine it, and report this';
  return new DumpsieveError({ code: 'guard-copy-refused', message, hint }, 2, cause);
}

/** True if a staged or published copy has the digest that the log has. */
export async function isCopy(name: string, sha256: unknown): Promise<boolean> {
  let fd: number;
  try {
    fd = fs.openSync(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return false;
  }
  try {
    return (await sha256Of(fd)) === sha256;
  } finally {
    fs.closeSync(fd);
  }
}

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
