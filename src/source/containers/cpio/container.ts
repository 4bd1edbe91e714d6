import { type ContainerRow, listedLater } from '../decoding/container.js';
import { startsWithHeader } from './header.js';

export const cpio: ContainerRow = {
  name: 'cpio',
  first: '0\xc7\x71',
  treatment: listedLater(async () => (await import('./cpio.js')).listCpio),
  // Formats "newc", "crc", "odc" and "bin" (cpio(5)).
  probe: (head, reader) => startsWithHeader(Buffer.from(head.bytes), reader),
};
