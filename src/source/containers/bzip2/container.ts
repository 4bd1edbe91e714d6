import { type ContainerRow, decodedLater, starts } from '../decoding/container.js';

/** Magic numbers of a first block, and of the end of an empty stream. */
const NEXT = ['314159265359', '177245385090'];

export const bzip2: ContainerRow = {
  name: 'bzip2',
  first: 'B',
  suffixes: { '.bz2': '', '.bz': '', '.tbz': '.tar', '.tbz2': '.tar' },
  treatment: decodedLater(async () => (await import('./bzip2.js')).unbzip2),
  stream: 'bzip2 -dc',
  probe: (head) =>
    starts('BZh')(head) &&
    head.u8(3) >= 0x31 &&
    head.u8(3) <= 0x39 &&
    NEXT.includes(Buffer.from(head.slice(4, 6)).toString('hex')),
};
