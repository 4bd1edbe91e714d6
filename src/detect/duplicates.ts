import type { Detected } from './core/types.js';
import { placeOf } from './merge-orders.js';

/** Places per generation. */
const REMEMBERED = 65_536;

/**
 * The properties of a detection that policies use. Of rules for texts the rule is one of them: of several at
 * one place the most specific leads the finding.
 */
function gradeOf(detected: Detected): string {
  if (detected.type === 'public') return '';
  const { kind, severity, confidence, rule } = detected;
  const isText = (rule.pattern ?? rule.value ?? rule.password) !== undefined;
  return `${isText ? rule.id : ''} ${kind ?? rule.kind} ${severity ?? rule.severity} ${confidence}`;
}

/** Places of recent detections, in two generations: a flood needs bounded memory. */
export class DuplicateFilter {
  #young = new Set<string>();
  #old = new Set<string>();

  /** False if a detection of the same grade was added at this place before. */
  add(detected: Detected): boolean {
    // Array.join makes a flat string; a template would keep the tree of its parts.
    const place = [gradeOf(detected), placeOf(detected)].join(' ');
    if (this.#young.has(place) || this.#old.has(place)) return false;
    if (this.#young.size >= REMEMBERED) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(place);
    return true;
  }
}
