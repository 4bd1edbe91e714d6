import { type ContainerRow, decodedLater } from '../decoding/container.js';
import { magicAfterSkippable } from '../decoding/skippable.js';

const treatment = decodedLater(async () => (await import('./lz4.js')).unlz4);

export const lz4: ContainerRow = {
  name: 'lz4',
  suffixes: { '.lz4': '', '.tlz4': '.tar' },
  treatment,
  stream: 'lz4 -dc',
  probe: (head, reader) => magicAfterSkippable(head, reader) === 0x184d2204,
};

export const lz4Legacy: ContainerRow = {
  name: 'lz4-legacy',
  treatment,
  stream: 'lz4 -dc',
  probe: (head, reader) => magicAfterSkippable(head, reader) === 0x184c2102,
};
