import type { Limit } from '../limits/limit.js';

/** A limit in words: what was not searched, what could be missed, what to do; last its name. */
export function limitText({ search, reason, accepted }: Limit): string {
  return `${reason} [${search}${accepted ? ', accepted by --accept-limits' : ''}]`;
}
