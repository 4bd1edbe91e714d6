import type { ContainerRow } from '../decoding/container.js';
import { gunzip } from './gzip.js';

export const gzip: ContainerRow = {
  name: 'gzip',
  first: '\x1f',
  suffixes: { '.gz': '', '.gzip': '', '.tgz': '.tar' },
  treatment: { decode: gunzip },
  stream: 'gzip -dc',
  // Magic, deflate, no reserved flag (RFC 1952, section 2.3.1).
  probe: (head) => head.u16(0) === 0x8b1f && head.u8(2) === 8 && (head.u8(3) & 0xe0) === 0,
};
