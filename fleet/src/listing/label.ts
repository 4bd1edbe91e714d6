import { failure } from '../host.js';

/** A pattern that says which part of a path or key is the host, or the time of a dump. */
export interface Label {
  name: 'host' | 'time';
  pattern: string;
}

/** Reads `host=dumps/{host}/*`. Throws `wrong-label` (exit 3). */
export function parseLabel(_text: string): Label {
  throw failure({ code: 'not-built', message: 'labels are not built yet' });
}
