import type { FieldReader } from '../../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { type ContainerRow, listedLater } from '../decoding/container.js';
import { startsDamaged } from './damaged.js';
import { BLOCK, readTarHeader } from './header.js';

function isTar(head: FieldReader, reader: ByteReader): boolean {
  if (head.length < BLOCK) return false;
  const block = Buffer.from(head.slice(0, BLOCK));
  return readTarHeader(block) !== undefined || startsDamaged(block, reader);
}

export const tar: ContainerRow = {
  name: 'tar',
  treatment: listedLater(async () => (await import('./tar.js')).listTar),
  probe: isTar,
};
