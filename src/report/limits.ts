import type { Limit } from '../limits/limit.js';

/** A limit in plain words. Its reason says what was not searched, what could be missed, and what to do. */
export function limitText({ search, reason, accepted }: Limit): string {
  return `search ${search}${accepted ? ' (accepted by --accept-limits)' : ''}: ${reason}`;
}
