import type { Occurrence, Owner, Region } from '../core/model/report.js';
import { offsetText, plural, shorten } from './text.js';

const named = (what: string) => (region: Region) =>
  region.name ? `${what} ${shorten(region.name, 120)}` : what;

/** Names of regions in a sentence. */
const REGIONS: Readonly<Record<string, (region: Region) => string>> = {
  stack: ({ thread }) => (thread === undefined ? 'stack' : `stack of thread ${thread}`),
  register: ({ thread }) => (thread === undefined ? 'registers' : `registers of thread ${thread}`),
  environment: named('environment variable'),
  argv: () => 'command line',
  module: named('module'),
  mapping: named('mapping'),
  undumped: named('memory left out of core dumps'),
  object: named('object'),
  note: named('note'),
  header: () => 'file header',
  gap: () => 'bytes outside any segment',
  unknown: () => 'unknown region',
};

export function regionText(region: Region): string {
  return (REGIONS[region.kind] ?? named(region.kind))(region);
}

/** `field jwtSecret of com.acme.AuthConfig`, `key "db.password" of java.util.Properties`. */
function ownerText({ kind, name, of }: Owner): string {
  const shown = shorten(name, 120);
  const named = kind === 'class' ? [] : [kind === 'key' ? `"${shown}"` : shown];
  const holder = of === '' ? [] : [kind === 'class' ? shorten(of, 120) : `of ${shorten(of, 120)}`];
  return [kind === 'static' ? 'static field' : kind, ...named, ...holder].join(' ');
}

/** The region, and what holds the value in it. */
export const holderText = ({ region, owner }: Pick<Occurrence, 'region' | 'owner'>): string =>
  owner === undefined ? regionText(region) : `${ownerText(owner)}, ${regionText(region)}`;

/** "offset 4096 (0x1000), 40 bytes, heap, address 0x7f…". */
export function placeText(
  place: Pick<Occurrence, 'offset' | 'length' | 'address' | 'region' | 'owner'>,
): string {
  const { offset, length, address } = place;
  const where = [offsetText(offset), `${length} bytes`, holderText(place)];
  return [...where, ...(address === undefined ? [] : [`address ${address}`])].join(', ');
}

/** Places whose notes are listed. */
const NOTED = 20;

/** Notes of the finding, then those of single places. `pathOf`: by artifact; the first file is not named. */
export function noteLines(
  { notes, occurrences }: { notes: readonly string[]; occurrences: readonly Occurrence[] },
  pathOf: (artifact: number) => string,
): string[] {
  const home = occurrences[0]?.artifact;
  const noted = occurrences.flatMap(({ artifact, offset, notes: own }) => {
    if (own === undefined) return [];
    const file = artifact === home ? '' : `${pathOf(artifact)}, `;
    return [`${file}offset 0x${offset.toString(16)}: ${own.join('; ')}`];
  });
  const more = noted.length - NOTED;
  return [
    ...notes,
    ...noted.slice(0, NOTED),
    ...(more > 0 ? [`and notes of ${plural(more, 'further place')}`] : []),
  ];
}

/** Component, encoding, width, cut and fragmentation of an occurrence; empty for a plain one. */
export function formText(occurrence: Occurrence): string {
  const { component, encoding, wide, partial, extents, notAdjacentInMemory } = occurrence;
  const parts = [
    ...(component === undefined ? [] : [`component ${component}`]),
    ...(encoding === undefined ? [] : [encoding]),
    ...(wide === undefined ? [] : [`UTF-16${wide.toUpperCase()}`]),
    ...(partial ? ['cut'] : []),
    ...(extents && extents.length > 1 ? [`in ${extents.length} pieces`] : []),
    ...(notAdjacentInMemory ? ['contiguous only in file order'] : []),
  ];
  return parts.join(', ');
}
