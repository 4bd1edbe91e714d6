import type { SearchContext } from '../../core/search-context.js';
import type { CurveNumbers } from './curve-numbers.js';

/** What the searches on curves work with. */
export interface CurveContext extends SearchContext {
  /** Length of the artifact in bytes. */
  length: number;
  numbers: CurveNumbers;
  /** The numbers come from arrays of a managed heap, which holds no numbers of C libraries. */
  managed: boolean;
  /** True if an offset is in the image of a program or library: tables there are no keys. */
  inModule(offset: number): boolean;
}
