import { openStore } from './open.js';
import type { Questions } from './questions.js';

/** Opens a store to ask it. Throws coded errors as opening it does; `store-missing` is one. */
export async function openQuestions(store: string): Promise<Questions> {
  return (await openStore(store, { role: 'reader' })).questions;
}
