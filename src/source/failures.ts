import { realpathSync } from 'node:fs';
import { DumpsieveError, systemCode } from '../core/base/runtime/errors.js';
import { BROKEN, isLoadError } from '../core/base/runtime/installation.js';
import type { Warning } from '../core/base/runtime/warnings.js';
import { warningOf } from './containers/decoding/decoder.js';
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

/** Memory by address: what is at offset 0 of the file is at address 0, where no process has any. */
const processMemory: Failure = {
  code: 'process-memory',
  what: 'this is the memory of a process by address, which cannot be read from its start',
  hint: 'take a core of the process and scan that: gcore -o core PID',
};
const PROCESS_MEMORY = /^\/proc\/\d+\/(?:task\/\d+\/)?mem$/;

function isProcessMemory(path: string | Uint8Array): boolean {
  try {
    return PROCESS_MEMORY.test(realpathSync(Buffer.from(path)));
  } catch {
    return false;
  }
}

/** An error that is none of the system's: of a stream that a caller gives, or of this program. */
const unknown = (error: unknown): Failure => {
  const name = systemCode(error) ?? (error instanceof Error ? error.name : typeof error);
  return {
    code: 'open-failed',
    what: `opening or reading it failed (${/^\w+$/.test(name) ? name : 'error'})`,
    hint: 'scan it again, by itself; report it if the same happens',
  };
};

/** `path`: of the file, as the system has it or as shown. */
function failureOf(error: unknown, path: string | Uint8Array): Failure {
  const code = systemCode(error) ?? '';
  if (isLoadError(error))
    return { ...BROKEN, what: `${BROKEN.what} (${code || 'damaged'}): it was not read` };
  if (code === 'EIO' && isProcessMemory(path)) return processMemory;
  if (!/^E[A-Z0-9]+$/.test(code)) return FAILURES[code] ?? unknown(error);
  return (
    FAILURES[code] ?? {
      code: 'open-failed',
      what: `the system refused it (${code})`,
      hint: 'check the path and the file system, and scan again',
    }
  );
}

/** The notice of a system error at a path. */
export function failureEvent(name: WalkName, error: unknown): NoticeEvent {
  const path = names.show(name);
  const { code, what, hint } = failureOf(error, names.toSystem(name));
  const warning = warnings.of(code, { message: `${path}: ${what}`, hint });
  return { type: 'notice', notice: { ...warning, path } };
}

/** The warning for an error within an artifact. */
export function failureWarning(path: string, error: unknown): Warning {
  if (error instanceof DumpsieveError) return warningOf(error);
  const { code, what, hint } = failureOf(error, path);
  return warnings.of(code, { message: `${path}: ${what}`, hint });
}
