import { type ContainerRow, SKIPPABLE_FIRST } from '../decoding/container.js';
import { isSkippable, magicAfterSkippable } from '../decoding/skippable.js';
import { unzstd } from './zstd.js';

export const zstd: ContainerRow = {
  name: 'zstd',
  first: `(${SKIPPABLE_FIRST}`,
  suffixes: { '.zst': '', '.zstd': '', '.tzst': '.tar' },
  treatment: { decode: unzstd },
  stream: 'zstd -dc',
  probe: (head, reader) => {
    const magic = magicAfterSkippable(head, reader);
    return magic === 0xfd2fb528 || (isSkippable(magic) && head.length >= 8);
  },
};
