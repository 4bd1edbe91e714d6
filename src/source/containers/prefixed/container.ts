import { FieldReader } from '../../../core/base/bytes/field-reader.js';
import { sliceReader } from '../../../core/base/bytes/parts.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { readAt } from '../decoding/archive-reads.js';
import { type Container, type ContainerRow, HEAD } from '../decoding/container.js';
import type { Lister } from '../decoding/member.js';
import { afterLine } from './after-line.js';
import { afterPadding } from './after-padding.js';
import { afterProgram } from './after-program.js';

/** Recognises a container by its stored bytes. */
type Recognise = (reader: ByteReader) => Container | undefined;

/** Where a container may begin behind other bytes, by what these are. At most 1 MiB of a file is read. */
const PLACES: readonly ((head: FieldReader, reader: ByteReader) => Iterable<number>)[] = [
  afterPadding,
  afterLine,
  afterProgram,
];

function startOf(head: FieldReader, reader: ByteReader, recognise: Recognise): number | undefined {
  for (const places of PLACES)
    for (const at of places(head, reader))
      if (recognise(sliceReader(reader, at, reader.length - at)) !== undefined) return at;
  return undefined;
}

/**
 * A container behind padding, a script or a program: it is the only member, and what is in front of it is
 * swept as it is. `recognise`: knows containers that have a magic of at least three bytes.
 */
export function prefixed(recognise: Recognise): ContainerRow {
  const list: Lister = async function* (reader) {
    const head = new FieldReader(readAt(reader, 0, HEAD), 'le');
    const at = startOf(head, reader, recognise);
    if (at !== undefined) yield { name: REST, stored: { offset: at, length: reader.length - at } };
  };
  return {
    name: 'prefixed',
    treatment: { list },
    probe: (head, reader) => startOf(head, reader, recognise) !== undefined,
  };
}

const REST = Buffer.from('rest');
