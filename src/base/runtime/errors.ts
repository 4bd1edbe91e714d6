/** A warning or an error's body: a stable code, what happened, where, and how to mend it. */
export interface Notice {
  /** Stable, kebab-case: scripts match on it. */
  code: string;
  /** What happened, with the place. Never bytes of a dump. */
  message: string;
  /** What the reader can do about it. */
  hint?: string;
  /** File offset in bytes. */
  offset?: number;
  /** Length in bytes. */
  length?: number;
}

/** Exit status of each cause (contract: command line). 1 outranks 2, 3 outranks both. */
export const EXIT = { clean: 0, findings: 1, incomplete: 2, misuse: 3 } as const;

/** An error with a code that says what, where and how to mend it. `exit` is the status the command ends with. */
export class DumpsieveError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly offset: number | undefined;
  readonly exit: 2 | 3;
  /** The message where it is a list of mistakes: one each. */
  readonly lines: readonly string[];

  constructor(notice: Notice & { lines?: readonly string[] }, exit: 2 | 3 = 3, cause?: unknown) {
    super(notice.message, cause === undefined ? undefined : { cause });
    this.name = 'DumpsieveError';
    this.code = notice.code;
    this.hint = notice.hint;
    this.offset = notice.offset;
    this.exit = exit;
    this.lines = notice.lines ?? [notice.message];
  }

  /** The same as a warning on the artifact where the scan goes on. */
  notice(): Notice {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.offset === undefined ? {} : { offset: this.offset }),
    };
  }
}

/**
 * The `code` of a system error (`ENOENT`), or undefined. Asked of any object: an error of Node's own realm is no
 * `instanceof Error` in a vm context, where tests run.
 */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** System errors (errno(3)) in words, for what a command line names. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  EACCES: 'no permission',
  EPERM: 'no permission',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  ELOOP: 'its links lead in a circle',
};

/** Why the system refused something, as it stands in a message: words where there are any, and the code. */
export function reasonOf(error: unknown): string {
  const code = systemCode(error);
  if (code === undefined) return 'unknown error';
  const words = REASONS[code];
  return words === undefined ? code : `${words}, ${code}`;
}
