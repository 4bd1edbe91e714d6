import { Hand } from './hand.js';

/** Bytes of a file below which starting a worker costs more than it saves. */
export const ALONE = 8 * 2 ** 20;

/** Bytes of a task: long enough that a message costs nothing beside it. */
export const TASK = 4 * 2 ** 20;

/** How many of so many workers a file of this size has tasks for: each costs 10 MB and, to start, as long as 10 MB are swept in. */
export const workersFor = (bytes: number, jobs: number): number => Math.min(jobs, Math.ceil(bytes / TASK));

/** Workers that nobody has taken yet. */
const early: Hand[] = [];

/**
 * Starts workers for the first pool of this process. Resolves when they have come up: what is changed of the engine's settings before that slows them
 * down, for Node's own modules are compiled anew then.
 */
export async function startEarly(count: number): Promise<void> {
  while (early.length < count) early.push(new Hand());
  await Promise.all(early.map(({ up }) => up));
}

/** One that was started early, or a new one. */
export const takeHand = (): Hand => early.shift() ?? new Hand();
