import type { Limit } from '../core/limits/limit.js';

/**
 * A limit in words: what was not searched, what could be missed, what to do, and its name. It comes first
 * that it was accepted: some formats cut long lines.
 */
export function limitText({ search, reason, accepted }: Limit): string {
  return accepted ? `accepted by --accept-limits ${search}: ${reason}` : `${reason} [${search}]`;
}

/** A limit in words without its remedy, which all limits of a file may share; and the remedy. */
export function limitParts(limit: Limit): { text: string; remedy?: string } {
  const at = limit.reason.indexOf(REMEDY);
  if (at < 0) return { text: limitText(limit) };
  const reason = limit.reason.slice(0, at);
  return { text: limitText({ ...limit, reason }), remedy: limit.reason.slice(at + 2) };
}

/** How the remedy begins in limit-sentences.ts. */
const REMEDY = '; --effort deep does ';
