import fs from 'node:fs';
import { definedFields } from '../../core/base/runtime/defined.js';
import { DumpsieveError, type Notice, reasonOf } from '../../core/base/runtime/errors.js';
import type { Warning } from '../../core/base/runtime/warnings.js';
import { names, type WalkName } from '../../source/names.js';

/** Notices of a walk whose own texts are of a scan. */
const TEXTS: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  'link-outside': [
    'this link leads to a file that is not in the folder',
    'copy the file that it leads to on its own',
  ],
  'path-vanished': [
    'it was removed or replaced while the folder was read',
    'copy the folder again once nothing writes to it',
  ],
  'special-file': ['no regular file: not read', 'pipe it: … | dumpsieve redact - -o COPY'],
};

/** A notice of a walk, as a copy has it. */
export function noticeOfCopy({ effect: _effect, ...notice }: Warning): Notice {
  const [message, hint] = TEXTS[notice.code] ?? [];
  return { ...notice, ...definedFields({ message, hint }) };
}

/** The copy would have the same name. `masked`: the name. */
export const secretName = (masked: string): DumpsieveError =>
  new DumpsieveError(
    {
      code: 'redact-secret-name',
      message: `the name of this file holds a secret: ${masked}`,
      hint: 'rename it: its copy would have the same name',
    },
    2,
  );

export const notText = (shown: string): DumpsieveError =>
  new DumpsieveError(
    {
      code: 'redact-name-bytes',
      message: `the name of this file is not UTF-8: ${shown}`,
      hint: 'rename it, or copy it on its own',
    },
    2,
  );

/** Throws (exit 3) unless a name leads to a folder. */
export function requireFolder(name: WalkName): void {
  const refuse = (why: string, cause?: unknown): DumpsieveError =>
    new DumpsieveError(
      { code: 'input-no-folder', message: `${names.show(name)}: ${why}`, hint: 'check the path' },
      3,
      cause,
    );
  let isFolder: boolean;
  try {
    isFolder = fs.statSync(names.toSystem(name)).isDirectory();
  } catch (error) {
    throw refuse(reasonOf(error), error);
  }
  if (!isFolder) throw refuse('not a folder');
}
