import { failure } from '../host.js';

export interface StatusOptions {
  store: string;
}

export interface StatusResult {
  exit: 0 | 1 | 2;
}

/** What is pending, done, incomplete and failed. */
export async function status(_options: StatusOptions): Promise<StatusResult> {
  throw failure({ code: 'not-built', message: 'hunt status is not built yet' });
}
