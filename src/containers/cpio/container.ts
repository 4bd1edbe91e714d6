import { type ContainerRow, listedLater, text } from '../decoding/container.js';

export const cpio: ContainerRow = {
  name: 'cpio',
  first: '0',
  treatment: listedLater(async () => (await import('./cpio.js')).listCpio),
  // ASCII headers of "newc", "crc" and "odc" (cpio(5)) consist of digits.
  probe: (head) => {
    const start = text(head, 0, 76);
    return /^07070[12][0-9A-Fa-f]{70}/.test(start) || /^070707[0-7]{70}/.test(start);
  },
};
