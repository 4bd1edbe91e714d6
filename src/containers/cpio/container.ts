import { type ContainerRow, HEAD, listedLater } from '../decoding/container.js';
import { startsWithHeader } from './header.js';

export const cpio: ContainerRow = {
  name: 'cpio',
  first: '0\xc7\x71',
  treatment: listedLater(async () => (await import('./cpio.js')).listCpio),
  // Formats "newc", "crc", "odc" and "bin" (cpio(5)).
  probe: (head) => startsWithHeader(Buffer.from(head.slice(0, Math.min(HEAD, head.length)))),
};
