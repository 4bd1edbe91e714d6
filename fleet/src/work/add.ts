import { notBuilt } from './not-built.js';
import type { AddOptions, AddResult } from './options.js';

/** Lists dumps into a store, and scans those that have no scan. */
export async function add(_options: AddOptions): Promise<AddResult> {
  throw notBuilt('hunt add');
}
