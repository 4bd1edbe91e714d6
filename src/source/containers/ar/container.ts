import { type ContainerRow, listedLater, starts } from '../decoding/container.js';

/** Archives of object files, and Debian packages. */
export const ar: ContainerRow = {
  name: 'ar',
  first: '!',
  treatment: listedLater(async () => (await import('./ar.js')).listAr),
  probe: starts('!<arch>\n'),
};
