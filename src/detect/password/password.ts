import { Secret } from '../../core/base/crypto/secret.js';
import type { View } from '../../formats/memory/types.js';
import type { PasswordSearch, Rule } from '../../rules/types.js';
import type { Detector, Hit, HitGroup, SecretCandidate } from '../core/types.js';
import { MARGIN } from '../core/windows.js';
import { distinct, NOT_ADJACENT, placeOf, type TextWindow, textWindows } from '../text/window.js';
import { argumentAt, COMMAND_BEFORE, commandAt, isCall } from './arguments.js';
import { BASIC_MAX, basicAt, isBasic } from './basic.js';
import { type Level, levelOf } from './levels.js';
import { identifiedAt, type NamedPassword, namedAt, type Wanted } from './named.js';
import { passwordNeeds } from './needs.js';
import { SPAN } from './shapes.js';
import { userinfoAt } from './userinfo.js';

/** Characters around an anchor that are read. */
const BEFORE = Math.max(SPAN.nameBefore + SPAN.before, COMMAND_BEFORE);
const AFTER = Math.max(SPAN.nameAfter + SPAN.after, BASIC_MAX + 16);

const prepared = new WeakMap<Rule, Wanted>();

function wantedOf(rule: Rule): Wanted {
  const known = prepared.get(rule);
  if (known !== undefined) return known;
  const { shapes, notNames, stock, schemes }: PasswordSearch = rule.password ?? {
    shapes: [],
    notNames: [],
    stock: [],
  };
  const made: Wanted = {
    shapes: new Set<string>(shapes),
    notNames: new Set(notNames),
    stock: new Set(stock),
    ...(schemes && { schemes }),
  };
  prepared.set(rule, made);
  return made;
}

interface Match extends NamedPassword {
  level: Level;
}

/** ` -u `, `--user`, and `-u` behind another argument. */
const OPTION = /^(?:l\0| )?-u/;

/** What an anchor at [at, to) begins. */
function foundAt(text: string, at: number, to: number, wanted: Wanted): NamedPassword | undefined {
  const anchor = text.slice(at, to).toLowerCase();
  if (anchor === '://') return userinfoAt(text, at, to, wanted);
  if (OPTION.test(anchor)) return commandAt(text, at, to, wanted);
  if (isCall(anchor)) return argumentAt(text, anchor, to, wanted);
  if (isBasic(anchor)) return basicAt(text, to, wanted);
  if (anchor.startsWith('identified')) return identifiedAt(text, to, wanted);
  return namedAt(text, at, to, wanted);
}

/** Each hit is examined by itself, within its reach: neighbouring hits do not matter. */
function* matches(window: TextWindow, wanted: Wanted): Iterable<Match> {
  const { text, hits } = window;
  const found = new Map<number, Match>();
  for (const { at, length } of hits) {
    const each = foundAt(text, at, at + length, wanted);
    if (each === undefined || found.has(each.start)) continue;
    if (each.narrow && window.place(each.start, each.end).wide !== undefined) continue;
    const value = each.password ?? text.slice(each.start, each.end);
    const level = levelOf(value, each.place, wanted.stock);
    if (level === undefined || (!each.words && level.note !== undefined)) continue;
    found.set(each.start, { ...each, level });
  }
  yield* [...found.values()].sort((a, b) => a.start - b.start);
}

function candidate(group: HitGroup, window: TextWindow, match: Match): SecretCandidate {
  const { rule } = group;
  const { start, end, level, evidence, claims } = match;
  const place = placeOf(group, window, start, end);
  const note = level.note ?? match.note;
  const notes = [...(note === undefined ? [] : [note]), ...(place.notAdjacentInMemory ? [NOT_ADJACENT] : [])];
  const example = level.stock || (match.note !== undefined && level.note === undefined);
  return {
    type: 'candidate',
    rule,
    ...place,
    secret: new Secret(Buffer.from(window.text.slice(start, end), 'latin1')),
    confidence: notes.length > 0 ? 'low' : 'medium',
    ...(example ? { severity: 'info' as const } : notes.length > 0 ? { severity: 'low' as const } : {}),
    evidence: [evidence],
    notes,
    partial: false,
    preview: `… (${end - start})`,
    ...(claims && { claims }),
  };
}

interface Shared {
  hits: readonly Hit[];
  order: HitGroup['order'];
  encodings: string;
  windows: readonly TextWindow[];
}

/** Results of the last group in each view. */
const shared = new WeakMap<View, Shared>();

const isSame = (a: Hit, b: Hit): boolean =>
  a.offset === b.offset && a.length === b.length && a.wide === b.wide;

/** The windows of a group: the rules of this detector share anchors, so that most groups are the same. */
function windowsOf(group: HitGroup): readonly TextWindow[] {
  const { hits, view, order, rule } = group;
  const encodings = rule.encodings.join();
  const last = shared.get(view);
  const isKnown =
    last?.order === order &&
    last.encodings === encodings &&
    last.hits.length === hits.length &&
    last.hits.every((hit, i) => isSame(hit, hits[i]!));
  if (isKnown) return last.windows;
  const windows = [...textWindows(group, BEFORE, AFTER)];
  shared.set(view, { hits, order, encodings, windows });
  return windows;
}

/**
 * The `password` detector: short passwords, which need not look random, by a name and its shape, in URLs and
 * in basic credentials. Linear time: what is read around a hit is bounded.
 */
export const password: Detector = {
  name: 'password',
  reach: { before: (BEFORE + MARGIN) * 2, after: (AFTER + MARGIN) * 2 },
  needs: passwordNeeds,
  *examine(group) {
    const wanted = wantedOf(group.rule);
    for (const { window, found } of distinct(windowsOf(group), (here) => matches(here, wanted)))
      yield candidate(group, window, found);
  },
};
