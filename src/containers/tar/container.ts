import { type ContainerRow, listedLater } from '../decoding/container.js';
import { BLOCK, readTarHeader } from './header.js';

export const tar: ContainerRow = {
  name: 'tar',
  treatment: listedLater(async () => (await import('./tar.js')).listTar),
  probe: (head) => head.length >= BLOCK && readTarHeader(Buffer.from(head.slice(0, BLOCK))) !== undefined,
};
