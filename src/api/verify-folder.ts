import { DumpsieveError, EXIT, type Notice } from '../core/base/runtime/errors.js';
import type { Warning } from '../core/base/runtime/warnings.js';
import { checkVerifyFolderOptions } from '../core/options/check-options.js';
import type { VerifyFolderOptions } from '../core/options/redact-table.js';
import { manifestOf } from '../redact/copy-files.js';
import { type EntryBelow, entriesBelow } from '../redact/folder/entries-below.js';
import type { FolderEntry } from '../redact/folder/folder-entry.js';
import { requireFolder } from '../redact/folder/problems.js';
import { openVerifyKey } from '../redact/signature/verifier.js';
import { Scanner } from '../scan/scanner.js';
import { nameOf, names, type WalkName } from '../source/names.js';
import { openMask } from './mask.js';
import { holdsSecret } from './name-scan.js';
import { type VerifyResult, verify } from './verify.js';

export type { VerifyFolderOptions } from '../core/options/redact-table.js';

/**
 * A file of a folder, and whether it is a copy that the key has signed. `path` is masked.
 */
export interface FolderVerification extends FolderEntry {
  result?: VerifyResult;
}

/** A manifest or signature by its name; it goes with a file of the folder. */
const BESIDE = /(?:\.manifest\.json|\.manifest\.json\.minisig)$/;

/** A name of which nothing may be shown. */
const MASKED = '[masked]';

/**
 * Verifies each file below a folder by the manifest beside it, as {@link verify} does, and yields the
 * result. All else that lies there is a problem: what is no copy, manifest or signature of one, links, pipes
 * and devices, and names (of folders too) in which a scan finds anything. So a folder passes only as a whole.
 * A copy that was removed with its manifest is not noticed. Throws a {@link DumpsieveError} for a wrong call.
 */
export async function* verifyFolder(
  options: VerifyFolderOptions,
): AsyncGenerator<FolderVerification, void, void> {
  checkVerifyFolderOptions(options);
  const { folder, signal } = options;
  openVerifyKey(options.key);
  const root = nameOf(folder);
  requireFolder(root);
  const entries: EntryBelow[] = [];
  for await (const entry of entriesBelow(root, signal)) entries.push(entry);
  const files = new Set(entries.flatMap(({ kind, name }) => (kind === 'file' ? [name] : [])));
  if (!entries.some(({ kind }) => kind !== 'directory')) yield NO_FILES;
  const scanner = await Scanner.within({ exitZero: true, strict: true });
  try {
    const mask = await openMask({ files: [] });
    for (const entry of entries) {
      const { name, below, kind } = entry;
      if (kind === 'file' && isBeside(name, files)) continue;
      signal?.throwIfAborted();
      const shown = names.show(below);
      const path = mask(shown);
      if (await holdsSecret(names.toSystem(below), scanner))
        // What is found is masked; a name that is not has to go as a whole.
        yield { path: path === shown ? MASKED : path, ...SECRET_NAME };
      else if (kind === 'file') yield { path, ...(await verifyOne(name, files, options)) };
      else if (kind !== 'directory') yield { path, exit: EXIT.incomplete, problem: problemOf(entry) };
    }
  } finally {
    await scanner.close();
  }
}

/** Why an entry that is neither a file nor a folder does not pass. */
function problemOf({ kind, warning }: EntryBelow): Notice {
  if (warning !== undefined) return notOfScan(warning);
  const isLink = kind === 'link';
  return {
    code: isLink ? 'verify-link' : 'verify-no-file',
    message: isLink ? 'a symbolic link' : 'no regular file',
    hint: 'a copy is a regular file: upload nothing else',
  };
}

function notOfScan({ effect: _effect, ...notice }: Warning): Notice {
  return { ...notice, hint: 'run as its owner or as root' };
}

/**
 * True for the manifest or signature of a file that is there and is verified itself: a manifest that no other
 * one covers has no signature but its own.
 */
function isBeside(name: WalkName, files: ReadonlySet<WalkName>): boolean {
  const copy = name.replace(BESIDE, '');
  return copy !== name && files.has(copy) && !files.has(manifestOf(name)) && !isBeside(copy, files);
}

async function verifyOne(
  name: WalkName,
  files: ReadonlySet<WalkName>,
  { key, signal, onProgress }: VerifyFolderOptions,
): Promise<Omit<FolderVerification, 'path'>> {
  const manifest = manifestOf(name);
  if (!files.has(manifest)) return NO_MANIFEST;
  try {
    const paths = { manifest: names.toSystem(manifest), file: names.toSystem(name) };
    const result = await verify({
      ...paths,
      key,
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    });
    return { exit: result.verified ? EXIT.clean : EXIT.findings, result };
  } catch (error) {
    if (!(error instanceof DumpsieveError) || error.exit === EXIT.misuse) throw error;
    return { exit: error.exit, problem: error.notice() };
  }
}

const NO_FILES = {
  path: '.',
  exit: EXIT.incomplete,
  problem: { code: 'no-files', message: 'this folder contains no file', hint: 'check the path' },
} as const;

const SECRET_NAME = {
  exit: EXIT.findings,
  problem: {
    code: 'verify-secret-name',
    message: 'a secret is in this name',
    hint: 'keep the folder, find out who named it so, and take the copies from their source once more',
  },
} as const;

const NO_MANIFEST = {
  exit: EXIT.findings,
  problem: {
    code: 'manifest-missing',
    message: 'this file is no copy: it has no manifest beside it',
    hint: 'remove it from the folder, or take the manifest from its source as well',
  },
} as const;
