import { type ContainerRow, decodedLater, SKIPPABLE_FIRST } from '../decoding/container.js';
import { magicAfterSkippable } from '../decoding/skippable.js';

const treatment = decodedLater(async () => (await import('./lz4.js')).unlz4);

export const lz4: ContainerRow = {
  name: 'lz4',
  first: `\x04${SKIPPABLE_FIRST}`,
  suffixes: { '.lz4': '', '.tlz4': '.tar' },
  treatment,
  stream: 'lz4 -dc',
  probe: (head, reader) => magicAfterSkippable(head, reader) === 0x184d2204,
};

export const lz4Legacy: ContainerRow = {
  name: 'lz4-legacy',
  first: `\x02${SKIPPABLE_FIRST}`,
  treatment,
  stream: 'lz4 -dc',
  probe: (head, reader) => magicAfterSkippable(head, reader) === 0x184c2102,
};
