import { EXIT, type Notice } from '../../core/base/runtime/errors.js';
import type { Warning } from '../../core/base/runtime/warnings.js';

/** What became of one file of a folder. */
export interface FolderEntry {
  /** Below the folder, escaped. */
  path: string;
  /** What the command would end with for this file alone. */
  exit: 0 | 1 | 2 | 3;
  /** Why there is no result. */
  problem?: Notice;
}

/** The status of what the walk found that is no file. A `strict` warning counts, as in each copy. */
export const exitOf = ({ effect }: Warning): FolderEntry['exit'] =>
  effect === 'note' ? EXIT.clean : EXIT.incomplete;
