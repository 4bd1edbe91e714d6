import { setImmediate } from 'node:timers/promises';
import type { Extent } from '../core/base/bytes/extent.js';
import { filledWith } from '../core/base/bytes/filled.js';
import { readAhead } from '../core/base/bytes/parts.js';
import { piecesOf } from '../core/base/bytes/pieces.js';
import { openStorage, type Storage } from '../core/base/bytes/storage.js';
import type { Warning } from '../core/base/runtime/warnings.js';
import { displayName } from '../core/base/text/escape.js';
import { decoderOf } from './containers/containers.js';
import { warnings } from './containers/decoding/decoder.js';
import {
  type Lister,
  LONGEST_NAME,
  type Member,
  MOST_MEMBERS,
  MOST_NAMES,
  reportRest,
  tooManyMembers,
} from './containers/decoding/member.js';
import { failureWarning } from './failures.js';
import { MemberList, type SelectedMember } from './member-list.js';
import type { LeftOut, Selected } from './selection.js';
import type { SourceContext } from './stored-bytes.js';
import type { Artifact } from './types.js';
import { warnings as sourceWarnings } from './warnings.js';

/** Parts of all sparse members. */
const MOST_PIECES = 2 ** 20;

/** What the content of one file may still expand to: shared by all containers within it. */
export interface ExpansionBudget {
  /** Bytes. */
  decoded: number;
  members: number;
  /** Bytes of names. */
  names: number;
  /** Parts of sparse members. */
  pieces: number;
}

export const allowanceOf = (decoded: number): ExpansionBudget => ({
  decoded,
  members: MOST_MEMBERS,
  names: MOST_NAMES,
  pieces: MOST_PIECES,
});

/** An archive to list, how much of it is selected, and what its content may expand to. */
interface ListedArchive {
  artifact: Artifact;
  list: Lister;
  /** True if everything was read: see {@link ArchiveReport}. */
  isWhole: boolean;
  selected: Selected | undefined;
  leftOut: LeftOut;
  allowance: ExpansionBudget;
  /** Called for each member without content: there is nothing to open. */
  onEmpty: (name: Uint8Array) => void;
}

/** Lists the members that can be read; all others that are not excluded are reported on the artifact. */
export async function listMembers(
  { artifact, list, isWhole, selected: archive, leftOut, allowance, onEmpty }: ListedArchive,
  { signal, password, selection }: SourceContext,
): Promise<{ members: MemberList; excluded: MemberList }> {
  const members = new MemberList();
  const excluded = new MemberList();
  const exclude = (name: Uint8Array, { stored }: Member): void =>
    excluded.add({ name, stored, selected: undefined, decrypt: undefined });
  const problems = new Problems(artifact);
  try {
    const { unread, warnings: found, storage } = artifact;
    const report = { unread, warnings: found, isWhole };
    for await (const member of list(readAhead(openStorage(storage)), report)) {
      if (member === undefined) await setImmediate();
      signal?.throwIfAborted();
      if (member === undefined) continue;
      if (isEmpty(member)) {
        const isSelected = selection?.choose(member.name, leftOut, archive?.inside)?.itself ?? !selection;
        if (isSelected && !isFolder(member.name)) onEmpty(keptName(member.name));
        continue;
      }
      const name = keptName(member.name);
      allowance.names -= name.length;
      if (allowance.members-- <= 0 || allowance.names < 0) {
        reportRest(artifact, tooManyMembers(member.stored.offset));
        break;
      }
      const selected = selection?.choose(member.name, leftOut, archive?.inside);
      if (selection !== undefined && selected === undefined) {
        exclude(name, member);
        continue;
      }
      const unlocked = member.problem === undefined ? member.unlock?.(password) : undefined;
      const decrypt = typeof unlocked === 'function' ? unlocked : undefined;
      const locked = typeof unlocked === 'function' ? undefined : unlocked;
      const problem = member.problem ?? locked ?? withoutDecoder(member) ?? tooLong(member, allowance);
      const { doubt } = member;
      if (problem === undefined) {
        if (doubt !== undefined) problems.add(doubt, member.stored);
        members.add({ ...member, name, selected, decrypt, ...(doubt && { isPlainToo: true }) });
      }
      // Not included, and whether it is an archive cannot be seen.
      else if (selected?.itself === false) exclude(name, member);
      else problems.add(problem, member.stored);
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    const warning = failureWarning(artifact.path, error);
    artifact.warnings.push(warning);
    artifact.unread.push({ offset: 0, length: null, reason: warning.message });
  }
  problems.end();
  return { members, excluded };
}

const isEmpty = ({ stored, length = 0, problem, doubt }: Member): boolean =>
  stored.length === 0 && length === 0 && problem === undefined && doubt === undefined;

/** Old formats mark a folder by its name alone. */
const isFolder = (name: Uint8Array): boolean => name.at(-1) === 0x2f;

/** Warnings of one kind that are shown; further ones are counted. */
const MOST_SHOWN = 20;

/** Reports members that cannot be read. */
class Problems {
  readonly #artifact: Artifact;
  readonly #counts = new Map<string, number>();

  constructor(artifact: Artifact) {
    this.#artifact = artifact;
  }

  add(problem: Warning, stored: Extent): void {
    const { unread, warnings: shown } = this.#artifact;
    const count = (this.#counts.get(problem.code) ?? 0) + 1;
    this.#counts.set(problem.code, count);
    if (count <= MOST_SHOWN) shown.push(problem);
    const last = unread.at(-1);
    if (count > MOST_SHOWN && last?.length != null) {
      // One range for all that are not shown, so that a report stays readable.
      last.length = Math.max(last.length, stored.offset + stored.length - last.offset);
    } else unread.push({ ...stored, reason: problem.message });
  }

  end(): void {
    for (const [code, count] of this.#counts) {
      const last = this.#artifact.warnings.findLast((each) => each.code === code);
      if (last === undefined || count <= MOST_SHOWN) continue;
      const more = (count - MOST_SHOWN).toLocaleString('en-US');
      const { offset: _offset, ...rest } = last;
      this.#artifact.warnings.push({ ...rest, message: `the same is true of ${more} further members` });
    }
  }
}

/** Says that no decoder has its name. */
function withoutDecoder({ codec, name, stored: { offset } }: Member): Warning | undefined {
  if (codec === undefined || decoderOf(codec) !== undefined) return undefined;
  return warnings.of('member-not-decoded', {
    message: `the member ${displayName(name)} is compressed by ${codec}, which is not decoded`,
    hint: 'unpack it, and scan the folder',
    offset,
  });
}

/** A name, or what takes the place of one that is too long: a part of it may be half a secret. */
const keptName = (name: Uint8Array): Uint8Array => (name.length > LONGEST_NAME ? TOO_LONG : name);
const TOO_LONG = Buffer.from('(a name that is too long)');

/**
 * A byte of a hole in decoded bytes: zeros need no decoder, and are passed over many times as fast. A core of
 * a program that reserves gigabytes is mostly holes.
 */
const HOLE = 1 / 32;

/** Holes of sparse members are read, too. */
function tooLong(
  { pieces, length = 0, name, stored }: Member,
  allowance: ExpansionBudget,
): Warning | undefined {
  if (pieces === undefined) return undefined;
  const cost = Math.max(0, length - stored.length) * HOLE;
  const isLong = cost > allowance.decoded;
  if (!isLong && pieces.length <= allowance.pieces) {
    allowance.decoded -= cost;
    allowance.pieces -= pieces.length;
    return undefined;
  }
  const what = isLong ? `${length} bytes, too many for so small an archive` : 'too many parts';
  return sourceWarnings.of('container-expands-too-far', {
    message: `the sparse member ${displayName(keptName(name))} has ${what}`,
    hint: 'unpack it and scan the folder; its data was searched as it is stored',
    offset: stored.offset,
  });
}

/**
 * An archive without the stored bytes of its members: as they are, or decoded, they are artifacts of their
 * own. Those that may be no encoding stay.
 */
export function withoutMembers(archive: Storage, lists: readonly MemberList[]): Storage {
  const count = lists.reduce((sum, { length }) => sum + length, 0);
  const starts = new Float64Array(count);
  const ends = new Float64Array(count);
  let filled = 0;
  let end = 0;
  for (const { offset, length } of inOrder(lists, count)) {
    const from = Math.max(offset, end);
    const to = Math.min(offset + length, archive.length);
    if (to <= from) continue;
    if (filled > 0 && ends[filled - 1] === from) filled--;
    else starts[filled] = from;
    ends[filled++] = to;
    end = to;
  }
  if (filled === 0) return archive;
  const ranges = filledWith(0, starts.subarray(0, filled), ends.subarray(0, filled));
  return { kind: 'filled', stored: archive, ranges, length: archive.length };
}

/** The stored bytes that are left out, by their offset; most archives list them so. */
function* inOrder(lists: readonly MemberList[], count: number): Generator<Extent> {
  const offsets = new Float64Array(count);
  const lengths = new Float64Array(count);
  let at = 0;
  let isSorted = true;
  for (const list of lists)
    for (let i = 0; i < list.length; i++) {
      if (!list.isLeftOutAt(i)) continue;
      const { offset, length } = list.storedAt(i);
      isSorted &&= at === 0 || offset >= offsets[at - 1]!;
      offsets[at] = offset;
      lengths[at++] = length;
    }
  const order = isSorted ? undefined : Uint32Array.from(offsets.subarray(0, at).keys()).sort(by(offsets));
  for (let i = 0; i < at; i++) {
    const index = order?.[i] ?? i;
    yield { offset: offsets[index]!, length: lengths[index]! };
  }
}

const by =
  (offsets: Float64Array) =>
  (a: number, b: number): number =>
    offsets[a]! - offsets[b]!;

/** The bytes that an archive has of a member. */
export function memberStorage(archive: Storage, { stored, pieces, length, codec }: SelectedMember): Storage {
  if (pieces === undefined || codec !== undefined) return { kind: 'slice', stored: archive, ...stored };
  return { kind: 'pieces', stored: archive, pieces: piecesOf(pieces), length: length ?? stored.length };
}
