import { type ContainerRow, decodedLater, starts } from '../decoding/container.js';
import { isLzma } from './lzma-header.js';

export const xz: ContainerRow = {
  name: 'xz',
  first: '\xfd',
  suffixes: { '.xz': '', '.txz': '.tar' },
  treatment: decodedLater(async () => (await import('./xz.js')).unxz),
  stream: 'xz -dc',
  probe: starts('\xfd7zXZ\0'),
};

export const lzip: ContainerRow = {
  name: 'lzip',
  first: 'L',
  suffixes: { '.lz': '', '.tlz': '.tar' },
  treatment: decodedLater(async () => (await import('./lzip.js')).unlzip),
  stream: 'lzip -dc',
  probe: (head) => starts('LZIP')(head) && head.u8(4) <= 1,
};

export const lzma: ContainerRow = {
  name: 'lzma',
  suffixes: { '.lzma': '' },
  treatment: decodedLater(async () => (await import('./alone.js')).unlzma),
  stream: 'xz -dc',
  probe: isLzma,
};
