import { failure } from '../host.js';

/** Of a part that is not there yet. */
export const notBuilt = (what: string): Error =>
  failure({ code: 'not-built', message: `${what} is not built yet` });
