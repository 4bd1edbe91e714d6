import type { ReportedForm } from '../core/encodings/number-forms.js';
import type { Occurrence } from '../core/model/report.js';
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

/** Who keeps numbers in a form, as the end of a sentence. The form's own name follows in parentheses. */
const NUMBERS: Readonly<Record<ReportedForm, string>> = {
  'bytes-be': 'as plain bytes, the most significant first',
  'limbs-le': 'as OpenSSL keeps numbers',
  'int32-msw': "as Java's BigInteger keeps numbers",
  'limbs-be-hprof': 'as arrays of Java keep numbers',
  'digits30-le32': 'as CPython keeps integers',
  'digits60-le64': 'as libtommath keeps numbers',
  'digits63-le64': 'as Go kept numbers before 1.22',
  'digits28-le32': 'as libtommath keeps numbers in 32 bits',
  'v8-smi28': 'as jsbn keeps numbers in Node',
  'v8-smi26': 'as bn.js keeps numbers in Node',
  'v8-smi28c': 'as jsbn keeps numbers in Chromium',
  'v8-smi26c': 'as bn.js keeps numbers in Chromium',
  'v8-double28': 'as jsbn keeps numbers in Node, in doubles',
  'v8-double26': 'as bn.js keeps numbers in Node, in doubles',
  'jsc-int28': 'as jsbn keeps numbers in Bun and Safari',
  'jsc-int26': 'as bn.js keeps numbers in Bun and Safari',
  'digits15-le16': 'as CPython keeps integers on 32-bit systems',
  'digits31-le32': 'as libtommath keeps numbers in 31 bits',
};

/** Other forms whose name says little. */
const OTHERS: Readonly<Record<string, string>> = {
  'mont-le': 'as ring keeps scalars, in Montgomery form',
  'hmac-states': 'as states of the hash behind both pads',
  'openssh-shielded': 'as ssh-agent keeps keys, encrypted with a prekey',
  'aes-schedule': 'as an expanded key',
  decimal: 'as decimal digits',
  hex: 'as hexadecimal digits',
  base64: 'as base64',
  base64url: 'as base64 for URLs',
  utf8: 'as text',
  pem: 'as PEM',
  pkcs1: 'as DER',
  pkcs8: 'as DER',
  sec1: 'as DER',
  spki: 'as DER',
  jwk: 'as a JSON Web Key',
  jwt: 'as a JSON Web Token',
  session: 'as a session token',
  openssh: 'as an OpenSSH key',
  putty: 'as a PuTTY key',
  sexp: 'as an S-expression of libgcrypt',
  cng: 'as a key blob of Windows CNG',
  capi: 'as a key blob of Windows CryptoAPI',
};
/** Encodings whose explanation is the name itself, or text that needs no mark. */
const PLAIN: ReadonlySet<string> = new Set([
  'pem',
  'jwt',
  'utf8',
  'hex',
  'base64',
  'decimal',
  'openssh',
  'putty',
]);

/** `as OpenSSL keeps numbers (limbs-le)`. */
function encodingWords(encoding: string): string {
  const words = (NUMBERS as Readonly<Record<string, string>>)[encoding] ?? OTHERS[encoding];
  if (words === undefined) return `as ${encoding}`;
  return PLAIN.has(encoding) ? words : `${words} (${encoding})`;
}

/** Names of the parts of keys, before their letters. */
const PARTS: readonly [RegExp, string][] = [
  [/^d$/, 'private exponent or scalar'],
  [/^(?:[pq]|r\d+)$/, 'prime'],
  [/^d[pq]$/, 'exponent'],
  [/^qinv$/, 'coefficient'],
  [/^n$/, 'modulus'],
];

/** `prime p`, `private exponent d`. `algorithm`: that of the key. */
function componentWords(component: string, algorithm: string | undefined): string {
  if (component === 'd' && algorithm !== undefined)
    return `private ${algorithm.startsWith('RSA') ? 'exponent' : 'scalar'} d`;
  const words = PARTS.find(([letters]) => letters.test(component))?.[1];
  return words === undefined ? component : `${words} ${component}`;
}
