import { notBuilt } from './not-built.js';
import type { ObjectOptions, ObjectResult } from './options.js';

/** Scans one dump into a store. */
export async function workObject(_options: ObjectOptions): Promise<ObjectResult> {
  throw notBuilt('hunt work --object');
}
