/** A warning, or the content of an error. */
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

/** Exit statuses. 1 outranks 2, and 3 outranks both. */
export const EXIT = { clean: 0, findings: 1, incomplete: 2, misuse: 3 } as const;

/** Exit statuses but 0, the worst first. */
const RANKING = [EXIT.misuse, EXIT.findings, EXIT.incomplete] as const;

/** The worst of some exit statuses. */
export function worstExit(statuses: ReadonlySet<number>): 0 | (typeof RANKING)[number] {
  return RANKING.find((status) => statuses.has(status)) ?? EXIT.clean;
}

/** An error with a stable code. `exit` is the exit status of the command. */
export class DumpsieveError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly offset: number | undefined;
  readonly exit: 1 | 2 | 3;
  /** The mistakes that `message` lists, one a line. */
  readonly lines: readonly string[];

  constructor(notice: Notice & { lines?: readonly string[] }, exit: 1 | 2 | 3 = 3, cause?: unknown) {
    super(notice.message, cause === undefined ? undefined : { cause });
    this.name = 'DumpsieveError';
    this.code = notice.code;
    this.hint = notice.hint;
    this.offset = notice.offset;
    this.exit = exit;
    this.lines = notice.lines ?? [notice.message];
  }

  /** The same error with masked texts and without its cause; itself if nothing was masked. */
  withTexts(mask: (text: string) => string): DumpsieveError {
    const { code, hint, offset, lines, exit } = this;
    const message = mask(this.message);
    const masked = lines.map(mask);
    const maskedHint = hint === undefined ? undefined : mask(hint);
    const isSame = message === this.message && maskedHint === hint && masked.join() === lines.join();
    if (isSame) return this;
    const notice = { code, message, lines: masked };
    const error = new DumpsieveError(
      {
        ...notice,
        ...(maskedHint === undefined ? {} : { hint: maskedHint }),
        ...(offset === undefined ? {} : { offset }),
      },
      exit,
    );
    const head = `${this.name}: `;
    if (this.stack?.startsWith(head + this.message))
      error.stack = head + message + this.stack.slice(head.length + this.message.length);
    return error;
  }

  /** The error as a warning on the artifact, when the scan continues. */
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
 * The `code` of a system error (`ENOENT`), or undefined. Accepts any object: errors of Node's own realm are
 * no `instanceof Error` in a vm context, where tests run.
 */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Descriptions of system errors (errno(3)) for paths of the command line. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'no permission',
  EPERM: 'no permission',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  ELOOP: 'its symbolic links form a loop',
};

/** Why the system refused something, for a message: a description if there is one, and the code. */
export function reasonOf(error: unknown): string {
  const code = systemCode(error);
  if (code === undefined) return 'unknown error';
  const words = REASONS[code];
  return words === undefined ? code : `${words}, ${code}`;
}
