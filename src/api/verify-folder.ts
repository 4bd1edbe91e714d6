import { DumpsieveError, EXIT } from '../base/runtime/errors.js';
import { checkVerifyFolderOptions } from '../options/check-options.js';
import type { VerifyFolderOptions } from '../options/verify-table.js';
import { manifestOf } from '../redact/copy-files.js';
import type { FolderEntry } from '../redact/folder/folder-entry.js';
import { foundFiles } from '../redact/folder/found-files.js';
import { requireFolder } from '../redact/folder/problems.js';
import { openVerifyKey } from '../redact/signature/verifier.js';
import { nameOf, names, type WalkName } from '../source/names.js';
import { type VerifyResult, verify } from './verify.js';

export type { VerifyFolderOptions } from '../options/verify-table.js';

/**
 * A file of a folder, and whether it is a copy that the key has signed. `path` and `problem` are not masked,
 * and may hold a secret: nothing in a folder is trusted.
 */
export interface FolderVerification extends FolderEntry {
  result?: VerifyResult;
}

/** A manifest or signature by its name; it goes with a file of the folder. */
const BESIDE = /(?:\.manifest\.json|\.manifest\.json\.minisig)$/;

/**
 * Verifies each file below a folder by the manifest beside it, as {@link verify} does, and yields the
 * result. What is no copy, manifest or signature of one is a problem, so that a folder passes only as a
 * whole. A copy that was removed with its manifest is not noticed. Throws a {@link DumpsieveError} for a
 * wrong call and for a folder without files.
 */
export async function* verifyFolder(
  options: VerifyFolderOptions,
): AsyncGenerator<FolderVerification, void, void> {
  checkVerifyFolderOptions(options);
  const { folder, signal } = options;
  openVerifyKey(options.key);
  const root = nameOf(folder);
  requireFolder(root);
  const files = new Map<WalkName, WalkName>();
  for await (const found of foundFiles(root, signal))
    if (found.type === 'file') files.set(found.name, found.below);
    else {
      const { code, message } = found.notice;
      const hint = 'a copy is a regular file: upload nothing else';
      yield { path: found.below, exit: EXIT.incomplete, problem: { code, message, hint } };
    }
  for (const [name, below] of files)
    if (!isBeside(name, files)) yield { path: names.show(below), ...(await verifyOne(name, files, options)) };
}

/**
 * True for the manifest or signature of a file that is there and is verified itself: a manifest that no other
 * one covers has no signature but its own.
 */
function isBeside(name: WalkName, files: ReadonlyMap<WalkName, WalkName>): boolean {
  const copy = name.replace(BESIDE, '');
  return copy !== name && files.has(copy) && !files.has(manifestOf(name)) && !isBeside(copy, files);
}

async function verifyOne(
  name: WalkName,
  files: ReadonlyMap<WalkName, WalkName>,
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

const NO_MANIFEST = {
  exit: EXIT.findings,
  problem: {
    code: 'manifest-missing',
    message: 'this file is no copy: it has no manifest beside it',
    hint: 'remove it from the folder, or take the manifest from its source as well',
  },
} as const;
