import { definedFields } from '../core/base/runtime/defined.js';
import { DumpsieveError, EXIT } from '../core/base/runtime/errors.js';
import { checkFolderOptions, type FolderOptions } from '../core/options/check-options.js';
import { filesOf } from '../redact/copy-files.js';
import type { NamedDump } from '../redact/copy-session.js';
import { exitOf, type FolderEntry } from '../redact/folder/folder-entry.js';
import { foundFiles, type WalkedFile } from '../redact/folder/found-files.js';
import { noticeOfCopy, notText, requireFolder, secretName } from '../redact/folder/problems.js';
import { TargetFolder } from '../redact/folder/target-folder.js';
import type { Scanner } from '../scan/scanner.js';
import { nameOf, names } from '../source/names.js';
import { openCopyScanner } from './copy-scanner.js';
import { openMask } from './mask.js';
import { holdsSecret } from './name-scan.js';
import { type RedactResult, redactWithin } from './redact.js';

export type { FolderOptions } from '../core/options/check-options.js';

/** A file of a folder: its copy, or why there is none. `path` and `problem` are masked. */
export interface FolderCopy extends FolderEntry {
  copy?: RedactResult;
}

type Mask = (text: string) => string;

/** A name of which nothing may be shown. */
const MASKED = '[masked]';

/**
 * Copies each file below a folder to the same place below another one, as {@link redact} does, and yields
 * what became of it; files that cannot be copied do not end the others. Throws a {@link DumpsieveError} for a
 * wrong call, and the reason of the signal; copies that are there by then stay.
 */
export async function* redactFolder(options: FolderOptions): AsyncGenerator<FolderCopy, void, void> {
  checkFolderOptions(options);
  const { input, output, find = [], ruleFolders, with: enabled, signal } = options;
  const root = nameOf(input);
  requireFolder(root);
  const mask = await openMask(definedFields({ files: find, ruleFolders, with: enabled }));
  const target = TargetFolder.open(output, root);
  let scanner: Scanner | undefined;
  try {
    for await (const found of foundFiles(root, signal)) {
      if (found.type === 'notice') yield ofNotice(found, mask);
      else {
        scanner ??= await openCopyScanner(options);
        yield await copyOne(found, { target, mask, options, scanner });
      }
    }
  } finally {
    await scanner?.close();
  }
}

/** What all copies of a folder share. */
interface Copying {
  target: TargetFolder;
  mask: Mask;
  options: FolderOptions;
  scanner: Scanner;
}

async function copyOne(
  { name, below }: Extract<WalkedFile, { type: 'file' }>,
  { target, mask, options, scanner }: Copying,
): Promise<FolderCopy> {
  const shown = names.show(below);
  const text = names.toText(below);
  let path = mask(shown);
  try {
    if (text === undefined) throw notText(path);
    const refuse = (): DumpsieveError => {
      // What is found is masked; a name that is not has to go as a whole.
      if (path === shown) path = MASKED;
      return secretName(path);
    };
    if (await holdsSecret(text, scanner)) throw refuse();
    const output = target.place(text);
    target.requireUnwritten(filesOf(output));
    const input = names.toSystem(name);
    const checkName: NamedDump['checkName'] = async (masked, found) => {
      path = masked;
      if (await holdsSecret(text, scanner, found)) throw refuse();
    };
    const failed: NamedDump['failed'] = async (masked, found) => {
      path = masked === shown && (await holdsSecret(text, scanner, found)) ? MASKED : masked;
    };
    const copy = await redactWithin({ ...options, input, output }, { shown, checkName, failed }, scanner);
    target.wrote(filesOf(output));
    return { path, exit: EXIT.clean, copy };
  } catch (error) {
    if (!(error instanceof DumpsieveError) || isOfCall(error)) throw error;
    const named = (message: string): string =>
      path === shown ? message : message.replaceAll(shown, path).replaceAll(text ?? shown, path);
    return { path, exit: error.exit, problem: error.withTexts((message) => mask(named(message))).notice() };
  }
}

/** True for an error that each file would have. */
const isOfCall = ({ exit, code }: DumpsieveError): boolean =>
  exit === EXIT.misuse && !/^(?:input|output|redact)-/.test(code);

function ofNotice({ below, notice }: Extract<WalkedFile, { type: 'notice' }>, mask: Mask): FolderCopy {
  const { message, ...rest } = noticeOfCopy(notice);
  return { path: mask(below), exit: exitOf(notice), problem: { ...rest, message: mask(message) } };
}
