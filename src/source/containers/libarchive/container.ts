import { type ContainerRow, decodedLater, starts } from '../decoding/container.js';

/* Archives that a library reads: their members come as a tar archive. */

export const sevenZip: ContainerRow = {
  name: '7z',
  first: '7',
  suffixes: { '.7z': '.tar' },
  treatment: {
    ...decodedLater(async () => (await import('./libarchive.js')).sevenZipToTar()),
    withPassword: (password) =>
      decodedLater(async () => (await import('./libarchive.js')).sevenZipToTar(password)).decode,
  },
  probe: starts("7z\xbc\xaf'\x1c"),
};

export const cab: ContainerRow = {
  name: 'cab',
  first: 'M',
  suffixes: { '.cab': '.tar' },
  treatment: decodedLater(async () => (await import('./libarchive.js')).cabToTar),
  // Reserved fields, and the version (MS-CAB, 2.1).
  probe: (head) => starts('MSCF\0\0\0\0')(head) && head.u8(25) === 1,
};
