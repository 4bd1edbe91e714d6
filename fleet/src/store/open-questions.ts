import { failure } from '../host.js';
import type { Questions } from './questions.js';

/** Opens a store to ask it. Throws coded errors as opening it does; a store that is not there is one. */
export async function openQuestions(_store: string): Promise<Questions> {
  throw failure({ code: 'not-built', message: 'questions to a store are not built yet' });
}
