/** What a look at a watched folder yields. */

/** A dump that was sealed into the spool. */
export interface TakenDump {
  kind: 'taken';
  /** `spool/ID.age`. */
  id: string;
  path: string;
  /** Owner of the file. */
  uid: number;
  bytes: number;
  /** Seconds from the last change of the file to its removal; undefined: it is still there. */
  seconds?: number;
}

/** Why a file is not taken, each with its words. */
const REASONS = {
  link: 'it is a link',
  'hard-link': 'it has more than one name',
  folder: 'it is a folder, which needs a row of its own in the policy',
  special: 'it is no file (a pipe, a socket or a device)',
  'other-device': 'it is on another file system than its folder',
  empty: 'it is empty',
  'in-use': 'a process has it open for writing',
  locked: 'its writer has locked it',
  'no-room': "the guard's share of the disk has no room for it",
  changing: 'it changed each time while it was being sealed',
  unreadable: 'it cannot be read, or age or zstd failed',
  'not-removed': 'it was sealed, and cannot be removed',
  gone: 'the folder is gone, or may not be watched any more',
} as const;

export type ListedReason = keyof typeof REASONS;

/** A file that is not taken, once for each reason. It is looked at again. */
export interface ListedFile {
  kind: 'listed';
  path: string;
  reason: ListedReason;
  text: string;
}

export const listedFile = (path: string, reason: ListedReason): ListedFile => ({
  kind: 'listed',
  path,
  reason,
  text: REASONS[reason],
});
