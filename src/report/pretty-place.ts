import type { Occurrence } from '../core/model/report.js';
import { componentWords, encodingWords } from './encoding-words.js';
import { holderText } from './places.js';
import { grouped, plural, unbroken } from './text.js';

type Place = Pick<Occurrence, 'offset' | 'length' | 'address' | 'region' | 'owner'>;

/** Names listed for the further places of a file. */
const COMPONENTS = 8;
/** Regions counted for the places of a file. */
const REGIONS = 3;

export const hex = (offset: number): string => `0x${offset.toString(16)}`;

/** The region and its owner, with names unbroken: a region's can be the path of a module. */
export function holder<P extends Pick<Occurrence, 'region' | 'owner'>>({ region, owner }: P): string {
  return holderText({
    region: region.name === undefined ? region : { ...region, name: unbroken(region.name) },
    ...(owner && { owner: { ...owner, name: unbroken(owner.name), of: unbroken(owner.of) } }),
  });
}

/** `heap at 0x55d4864ebf80, offset 0xaa6f8 (256 bytes)`. */
export function spotText(place: Place): string {
  const { offset, length, address, region, owner } = place;
  const at = address === undefined ? [] : [`at ${address}`];
  // What is not known need not be said.
  const held = region.kind === 'unknown' && owner === undefined ? [] : [holder(place)];
  const memory = [...held, ...at].join(' ');
  return `${memory === '' ? '' : `${memory}, `}offset ${hex(offset)} (${unbroken(plural(length, 'byte'))})`;
}

/** Component, encoding, width, cut and fragmentation of a place, in words; empty for a plain one. */
function formWords(place: Occurrence, algorithm: string | undefined): string {
  const { component, encoding, wide, partial, extents, notAdjacentInMemory } = place;
  const parts = [
    ...(component === undefined ? [] : [componentWords(component, algorithm)]),
    ...(encoding === undefined ? [] : [encodingWords(encoding)]),
    ...(wide === undefined ? [] : [`in UTF-16${wide.toUpperCase()}`]),
    ...(partial ? ['cut'] : []),
    ...(extents && extents.length > 1 ? [`in ${extents.length} pieces`] : []),
    ...(notAdjacentInMemory ? ['contiguous only in file order'] : []),
  ];
  return parts.join(', ');
}

/** A place with what is there: `heap at 0x…, offset 0x… (256 bytes): private exponent d, as …`. */
export function placeWords(place: Occurrence, algorithm: string | undefined): string {
  const form = formWords(place, algorithm);
  return `${spotText(place)}${form === '' ? '' : `: ${form}`}`;
}

/** Places by region, in their order. */
export function placesByRegion(places: readonly Occurrence[]): [region: string, places: Occurrence[]][] {
  const regions = new Map<string, Occurrence[]>();
  for (const each of places) {
    const text = holder(each);
    const known = regions.get(text);
    if (known === undefined) regions.set(text, [each]);
    else known.push(each);
  }
  return [...regions];
}

/** The components among the places, or their encodings; each once. */
function partsText(places: readonly Occurrence[]): string {
  const parts = new Set(places.flatMap(({ component, encoding }) => component ?? encoding ?? []));
  const shown = [...parts].slice(0, COMPONENTS).join(', ');
  const more = parts.size - COMPONENTS;
  return shown === '' ? '' : `: ${shown}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Further places in the file of the first one: `9 more places in heap: p, q, dp`. */
export function besideText(places: readonly Occurrence[]): string {
  const regions = placesByRegion(places);
  const [only] = regions;
  if (regions.length === 1)
    return `and ${plural(places.length, 'more place', 'more places')} in ${only![0]}${partsText(places)}`;
  return `and ${plural(places.length, 'more place', 'more places')} (${countsText(regions)})${partsText(places)}`;
}

function countsText(regions: readonly [region: string, places: Occurrence[]][]): string {
  const counts = regions.slice(0, REGIONS).map(([region, { length }]) => `${region} ${grouped(length)}`);
  const more = regions.length - counts.length;
  return `${counts.join(', ')}${more > 0 ? `, ${plural(more, 'further region')}` : ''}`;
}

/** The places in another file: `12 places (heap 9, stack of thread 41 3), first at offset 0x241b2`. */
export function elsewhereText(path: string, places: readonly Occurrence[]): string {
  const [first] = places;
  const counted = `${plural(places.length, 'place')} (${countsText(placesByRegion(places))})`;
  return `${unbroken(path)}: ${counted}, first at offset ${hex(first!.offset)}`;
}
