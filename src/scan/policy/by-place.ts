import type { Occurrence } from '../../core/model/report.js';

type Place = Pick<Occurrence, 'artifact' | 'offset' | 'length'>;

/** By artifact, then by offset; at one offset the longest first. */
export function byPlace(a: Place, b: Place): number {
  return a.artifact - b.artifact || a.offset - b.offset || b.length - a.length;
}
