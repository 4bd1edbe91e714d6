import { failure } from '../host.js';
import { openQuestions } from '../store/open-questions.js';
import type { ForgetOnly, Forgotten } from '../store/questions.js';

export interface ForgetOptions extends ForgetOnly {
  store: string;
  /** Paths or URIs of dumps, or globs. */
  dumps: readonly string[];
  /** Asked before anything is removed, with what would be. Default: goes on. */
  onForget?: (what: Forgotten) => boolean | Promise<boolean>;
}

export interface ForgetResult extends Forgotten {
  /** `onForget` has declined: nothing was removed. */
  isDeclined: boolean;
}

/** Removes dumps from a store, and the results of content that no other dump has. Throws coded errors. */
export async function forget({ store, dumps, onForget, ...only }: ForgetOptions): Promise<ForgetResult> {
  if (dumps.length === 0 && Object.keys(only).length === 0)
    throw failure({
      code: 'wrong-call',
      message: 'nothing says which dumps are to be removed',
      hint: 'name URIs, paths or globs, or say --host, --before or --gone',
    });
  const questions = await openQuestions(store);
  try {
    const what = await questions.forgettable(dumps, only);
    if (what.dumps === 0)
      throw failure({
        code: 'no-such-dump',
        message: 'the store has no such dump',
        hint: 'name its URI, its path, or a glob in quotes; dumpsieve hunt query --store … shows URIs',
      });
    if (onForget !== undefined && !(await onForget(what))) return { ...what, isDeclined: true };
    return { ...(await questions.forget(dumps, only)), isDeclined: false };
  } finally {
    await questions.close();
  }
}

/** Forgets failures of dumps without a scan, those of dead ones too: they are tried again. Their number. */
export async function forgetFailures({
  store,
  dumps,
}: Pick<ForgetOptions, 'store' | 'dumps'>): Promise<number> {
  const questions = await openQuestions(store);
  try {
    return await questions.forgetFailures(dumps);
  } finally {
    await questions.close();
  }
}
