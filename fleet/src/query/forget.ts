import { failure } from '../host.js';
import { openQuestions } from '../store/open-questions.js';
import type { Forgotten } from '../store/questions.js';

export interface ForgetOptions {
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
export async function forget({ store, dumps, onForget }: ForgetOptions): Promise<ForgetResult> {
  const questions = await openQuestions(store);
  try {
    const what = await questions.forgettable(dumps);
    if (what.dumps === 0)
      throw failure({
        code: 'no-such-dump',
        message: 'the store has no dump with one of these names',
        hint: 'name its URI, its path, or a glob in quotes; dumpsieve hunt query --store … shows URIs',
      });
    if (onForget !== undefined && !(await onForget(what))) return { ...what, isDeclined: true };
    return { ...(await questions.forget(dumps)), isDeclined: false };
  } finally {
    await questions.close();
  }
}
