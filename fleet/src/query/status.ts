import { openQuestions } from '../store/open-questions.js';
import type { FailedDump, Questions, Standing } from '../store/questions.js';

export interface StatusOptions {
  store: string;
}

export interface StatusResult {
  /** 2: something failed or is dead. */
  exit: 0 | 2;
  /** The store, without a password. */
  store: string;
  standing: Standing;
  /** The first 1,000. */
  failures: readonly FailedDump[];
}

/** Upper bound on the failures that are named. */
const NAMED = 1_000;

/** What is pending, done, incomplete and failed. Throws coded errors. */
export async function status({ store }: StatusOptions): Promise<StatusResult> {
  const questions = await openQuestions(store);
  try {
    return await statusOf(questions);
  } finally {
    await questions.close();
  }
}

async function statusOf(questions: Questions): Promise<StatusResult> {
  const standing = await questions.standing();
  const failures: FailedDump[] = [];
  if (standing.failed > 0)
    for await (const each of questions.failures()) if (failures.push(each) === NAMED) break;
  return { exit: standing.failed > 0 ? 2 : 0, store: questions.place, standing, failures };
}
