import { DumpsieveError, systemCode } from '../base/runtime/errors.js';
import type { Warning } from '../base/runtime/warnings.js';
import { warningOf } from '../containers/decoding/warnings.js';
import { names, type WalkName } from './names.js';
import type { NoticeEvent } from './types.js';
import { type SourceCode, warnings } from './warnings.js';

interface Failure {
  code: SourceCode;
  what: string;
  hint: string;
}

const denied: Failure = {
  code: 'permission-denied',
  what: 'no permission to read it',
  hint: 'run as its owner or as root, or copy it first (a core kept by systemd: coredumpctl dump)',
};
const tooMany: Failure = {
  code: 'too-many-open-files',
  what: 'this process cannot open more files',
  hint: 'raise the limit (ulimit -n) and scan again',
};
const unreadable: Failure = {
  code: 'read-failed',
  what: 'reading failed',
  hint: 'look for a failing disk or network mount; copy the file elsewhere and scan the copy',
};
/** A path listed shortly before: it can no longer be read, but the scan did not omit it. */
const vanished: Failure = {
  code: 'path-vanished',
  what: 'it was removed or replaced while the folder was read',
  hint: 'scan again once nothing writes to the folder',
};

/** System errors by code (errno(3)), with what the user can do. */
const FAILURES: Record<string, Failure> = {
  EACCES: denied,
  EPERM: denied,
  EMFILE: tooMany,
  ENFILE: tooMany,
  EIO: unreadable,
  ESTALE: unreadable,
  EISDIR: unreadable,
  EINVAL: unreadable,
  EAGAIN: {
    ...unreadable,
    what: 'it has nothing to read now and would block',
    hint: 'feed it through a pipe: … | dumpsieve scan -',
  },
  ERR_INVALID_ARG_TYPE: {
    code: 'read-failed',
    what: 'its stream has a chunk that is neither bytes nor text',
    hint: 'give its chunks as Uint8Array',
  },
  ENOENT: vanished,
  ENOTDIR: vanished,
  ELOOP: vanished,
  ENAMETOOLONG: {
    code: 'name-too-long',
    what: 'its path is longer than the system takes',
    hint: 'change into a folder nearer to it and scan from there',
  },
  EBUSY: {
    code: 'file-locked',
    what: 'another process has it locked',
    hint: 'close the program that holds it, or scan a copy (a volume shadow copy on Windows)',
  },
};

function failureOf(error: unknown): Failure {
  const code = systemCode(error);
  return (
    FAILURES[code ?? ''] ?? {
      code: 'open-failed',
      what: `the system refused it${code === undefined ? '' : ` (${code})`}`,
      hint: 'check the path and the file system, and scan again',
    }
  );
}

/** The notice of a system error at a path. */
export function failureEvent(name: WalkName, error: unknown): NoticeEvent {
  const path = names.show(name);
  const { code, what, hint } = failureOf(error);
  const warning = warnings.of(code, { message: `${path}: ${what}`, hint });
  return { type: 'notice', notice: { ...warning, path } };
}

/** The warning for an error within an artifact. */
export function failureWarning(path: string, error: unknown): Warning {
  if (error instanceof DumpsieveError) return warningOf(error);
  const { code, what, hint } = failureOf(error);
  return warnings.of(code, { message: `${path}: ${what}`, hint });
}
