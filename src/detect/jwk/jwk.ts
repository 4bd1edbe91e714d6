import { keyName, keyNames } from '../../core/model/key-names.js';
import type { Window } from '../../formats/memory/types.js';
import type { Rule } from '../../rules/types.js';
import { candidate, describeMaterial, publicRecord } from '../core/candidate.js';
import { type Characters, Readings } from '../core/characters.js';
import type { Detected, Detector, HitGroup } from '../core/types.js';
import { reachOf, type WindowHit, windowsOf } from '../core/windows.js';
import { type JsonText, objectAround, stringMembers } from './json-object.js';
import { JWK_MEMBERS, readJwk } from './jwk-key.js';

/**
 * JSON Web Keys, alone or in sets, from the anchor `"kty` (or `"qi` if that is lost): JSON text, also inside
 * JSON strings and in UTF-16.
 */

/**
 * Characters read on each side of `kty`: RSA-16384 has 12 KB of members, and x5c may add a certificate chain.
 */
const MAX_SIDE = 16 * 1024;
/** Members that are read. */
const MEMBERS: ReadonlySet<string> = new Set([...JWK_MEMBERS, 'kid']);
/** Side of a window whose budget is used up. */
const REDUCED_SIDE = 2048;
const reach = { before: MAX_SIDE, after: 2 * MAX_SIDE };

/** Index of the quote before `kty` or `qi`; the anchor may be any part of the name. */
function nameAt(text: Characters, at: number): number | undefined {
  for (let quote = at - 1; quote <= at + 4; quote++)
    if (text.code(quote) === 0x22 && (text.has('kty', quote + 1) || text.has('qi', quote + 1))) return quote;
  return undefined;
}

function describe(rule: Rule, window: Window, { text, json }: Read): Detected | undefined {
  const members = stringMembers(text, json, MEMBERS);
  const key = readJwk(members);
  const names = keyNames(keyName(members.get('kid')));
  const [start, end] = [text.byteOf(json.start), text.byteOf(json.stop)];
  if (key?.material !== undefined)
    return candidate(rule, window, {
      ...describeMaterial(key.material, json.whole),
      start,
      end,
      whole: json.whole,
      encoding: 'jwk',
      wide: text.wide,
      names,
    });
  return key?.spki && json.whole ? publicRecord(window, [start, end], key.spki, 'jwk', { names }) : undefined;
}

interface Read {
  text: Characters;
  json: JsonText;
}

/** The object around a hit: whole before truncated, then by the likelier decoding. */
function locate(readings: Readings, hit: WindowHit, most: number, known: number): Read | undefined {
  let best: Read | undefined;
  for (const text of readings.of(hit)) {
    const quote = nameAt(text, text.indexOf(hit.at));
    if (quote === undefined) continue;
    const json = objectAround(text, quote, most, text.indexOf(known));
    if (json === undefined) continue;
    if (best === undefined || (json.whole && !best.json.whole)) best = { text, json };
  }
  return best;
}

function* examine(group: HitGroup): Iterable<Detected> {
  for (const { window, hits } of windowsOf(group, reachOf(group.rule, reach))) {
    const readings = new Readings(window);
    let covered = 0;
    let known = -1;
    // Characters to read before the reach of each further hit is reduced: bounds hostile text to linear time.
    let budget = 8 * window.bytes.length;
    for (const hit of hits) {
      if (hit.at < covered) continue;
      const isReduced = budget <= 0;
      const read = locate(readings, hit, isReduced ? REDUCED_SIDE : MAX_SIDE, known);
      known = hit.at;
      if (isReduced && read?.json.cut) group.shortened?.(hit);
      if (read === undefined) continue;
      budget -= read.json.read;
      // The rest of the previous object.
      if (read.text.byteOf(read.json.start) < covered) continue;
      const detected = describe(group.rule, window, read);
      if (detected === undefined) continue;
      covered = read.text.byteOf(read.json.stop);
      yield detected;
    }
  }
}

export const jwk: Detector = { name: 'jwk', reach, examine };
