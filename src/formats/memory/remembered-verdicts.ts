import type { MayName } from './types.js';

/** Names that are remembered with their verdict. */
const REMEMBERED = 65_536;

/** The same judge, which judges most names once: those of fields and properties are often the same. */
export function rememberedVerdicts(mayName: MayName): MayName {
  const known = new Map<string, boolean>();
  return (name) => {
    const verdict = known.get(name) ?? mayName(name);
    if (known.size < REMEMBERED) known.set(name, verdict);
    return verdict;
  };
}
