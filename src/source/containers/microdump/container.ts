import type { ContainerRow } from '../decoding/container.js';
import { isMicrodump, readMicrodump } from './microdump.js';

export const microdump: ContainerRow = {
  name: 'breakpad-microdump',
  treatment: { decode: readMicrodump },
  probe: (_head, reader) => isMicrodump(reader),
};
