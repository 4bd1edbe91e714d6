import { setTimeout as wait } from 'node:timers/promises';
import { systemCode } from '../../../src/core/base/runtime/errors.js';
import { delayBefore } from './object-errors.js';

/** How often and how late something is tried again. */
export interface Patience {
  /** Attempts in all. */
  attempts: number;
  /** Milliseconds before the second attempt; doubled for each further one. */
  first: number;
  /** Milliseconds before an attempt at most, also if a server asks for more. */
  most: number;
  /** Milliseconds until there is a connection: where a network is cut, nothing refuses it. */
  connect: number;
  /** Milliseconds until the head of an answer must have come. */
  answer: number;
  /** Milliseconds in which a body must bring {@link LEAST_BYTES} more. */
  stall: number;
}

export const PATIENCE: Patience = {
  attempts: 4,
  first: 500,
  most: 30_000,
  connect: 10_000,
  answer: 60_000,
  stall: 30_000,
};

/** Bytes that a body must bring in the time of `stall`: less is no transfer. */
export const LEAST_BYTES = 16 * 1024;

/**
 * Tries something again while it throws `object-unreachable`, with growing and random pauses, so that many
 * workers do not come back at once. An abort is thrown as the signal's reason.
 */
export async function retried<T>(
  attempt: () => Promise<T>,
  patience: Patience,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      if (systemCode(error) !== 'object-unreachable' || tries >= patience.attempts) throw error;
      const asked = (delayBefore(error as Error) ?? 0) * 1000;
      const pause = patience.first * 2 ** (tries - 1) * (0.5 + Math.random());
      await paused(Math.min(Math.max(pause, asked), patience.most), signal);
    }
  }
}

async function paused(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await wait(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
