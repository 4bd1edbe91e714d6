import { filledRanges } from '../base/bytes/filled.js';
import type { Extent } from '../base/bytes/pieces.js';
import { openStorage, type Storage } from '../base/bytes/storage.js';
import type { Lister, Member, MemberPiece } from '../containers/decoding/member.js';
import { warnings } from '../containers/decoding/warnings.js';
import { failureWarning } from './failures.js';
import type { Artifact } from './types.js';

/** Members of all archives within one file. */
const MOST_MEMBERS = 2 ** 18;

/** What the content of one file may still expand to: shared by all containers within it. */
export interface Allowance {
  /** Bytes. */
  decoded: number;
  members: number;
}

export const allowanceOf = (decoded: number): Allowance => ({ decoded, members: MOST_MEMBERS });

/** Lists the members that can be read; all others are reported on the artifact. */
export async function listMembers(
  artifact: Artifact,
  list: Lister,
  allowance: Allowance,
  signal: AbortSignal | undefined,
): Promise<Member[]> {
  const members: Member[] = [];
  try {
    for await (const member of list(openStorage(artifact.storage), artifact)) {
      signal?.throwIfAborted();
      if (allowance.members-- <= 0) {
        tooMany(artifact, member);
        break;
      }
      if (member.problem === undefined) members.push(member);
      else {
        artifact.warnings.push(member.problem);
        artifact.unread.push({ ...member.stored, reason: member.problem.message });
      }
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    const warning = failureWarning(artifact.path, error);
    artifact.warnings.push(warning);
    artifact.unread.push({ offset: 0, length: null, reason: warning.message });
  }
  return members;
}

function tooMany(artifact: Artifact, { stored: { offset } }: Member): void {
  const warning = warnings.of('archive-too-many-members', {
    message: `it has more than ${MOST_MEMBERS.toLocaleString('en-US')} members: the others were not unpacked`,
    hint: 'unpack it and scan the folder',
    offset,
  });
  artifact.warnings.push(warning);
  artifact.unread.push({ offset, length: null, reason: warning.message });
}

/** An archive without the contents of its members, which are artifacts of their own. */
export function withoutMembers(archive: Storage, members: readonly Member[]): Storage {
  const spans: { offset: number; length: number; fill: number }[] = [];
  let end = 0;
  for (const { offset, length } of members.map(({ stored }) => stored).sort(byOffset)) {
    const from = Math.max(offset, end);
    const to = Math.min(offset + length, archive.length);
    if (to <= from) continue;
    const last = spans.at(-1);
    if (last !== undefined && last.offset + last.length === from) last.length += to - from;
    else spans.push({ offset: from, length: to - from, fill: 0 });
    end = to;
  }
  if (spans.length === 0) return archive;
  return { kind: 'filled', stored: archive, ranges: filledRanges(spans), length: archive.length };
}

const byOffset = (a: Extent, b: Extent): number => a.offset - b.offset;

/** The bytes that an archive has of a member. */
export function memberStorage(archive: Storage, { stored, pieces, length, codec }: Member): Storage {
  if (pieces === undefined || codec !== undefined) return { kind: 'slice', stored: archive, ...stored };
  const column = (value: (piece: MemberPiece) => number): Float64Array => {
    const values = new Float64Array(new SharedArrayBuffer(8 * pieces.length));
    values.set(pieces.map(value));
    return values;
  };
  const columns = {
    starts: column(({ start }) => start),
    offsets: column(({ offset }) => offset),
    lengths: column((piece) => piece.length),
  };
  return { kind: 'pieces', stored: archive, pieces: columns, length: length ?? stored.length };
}
