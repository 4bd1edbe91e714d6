import type { Notice } from './errors.js';

/** What a warning does to the exit status: nothing, 2 under `--strict`, or 2 always. */
export type Effect = 'note' | 'strict' | 'incomplete';

/** A notice with its effect, which is no part of a report. */
export interface Warning extends Notice {
  readonly effect: Effect;
}

/** The effect of `--if-no-files` where nothing was read; undefined: it is not reported. */
export const EFFECT_IF_NO_FILES = {
  error: 'incomplete',
  warn: 'note',
  ignore: undefined,
} as const satisfies Readonly<Record<string, Effect | undefined>>;

/** The warnings of a room or format. */
export interface WarningTable<Code extends string = string> {
  readonly effects: Readonly<Record<Code, Effect>>;
  /** The warning with a code of the table; a code without an effect does not compile. */
  of(code: Code, parts: Omit<Notice, 'code'>): Warning;
}

export function defineWarnings<Code extends string>(
  effects: Readonly<Record<Code, Effect>>,
): WarningTable<Code> {
  return { effects, of: (code, parts) => ({ code, ...parts, effect: effects[code] }) };
}

/** A warning as reports have it. */
export function noticeOf({ effect: _effect, ...notice }: Warning): Notice {
  return notice;
}
