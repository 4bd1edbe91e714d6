import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FixtureDump, fixtureDumps } from '../../fixtures/dumps.js';
import { withTempDir } from '../support/folder.js';

export const fixtures = Object.fromEntries(fixtureDumps().map((dump) => [dump.name, dump])) as Record<
  'signer.core' | 'wide.raw' | 'idle.core',
  FixtureDump
>;

/** The start of a RAR archive: a recognised format without a decoder. */
const RAR = Buffer.concat([Buffer.from('526172211a070100', 'hex'), Buffer.alloc(64, 0x21)]);
/** A state of VMware without groups: swept as raw bytes, whatever it holds. */
const STATE = Buffer.concat([Buffer.from('d2bed2be0800000000000000', 'hex'), Buffer.alloc(64)]);

/** A folder with one file per cause of an exit status. */
export function withCauses<T>(body: (folder: string) => Promise<T>): Promise<T> {
  return withTempDir((folder) => {
    for (const dump of Object.values(fixtures)) writeFileSync(join(folder, dump.name), dump.bytes);
    writeFileSync(join(folder, 'unread.rar'), RAR);
    writeFileSync(join(folder, 'unparsed.vmss'), STATE);
    writeFileSync(join(folder, 'cut.hprof'), 'JAVA PROFILE 1.0.2\0\0\0\0\x08');
    writeFileSync(join(folder, 'unwritten.dmp'), '');
    // The stack, last in the file, is cut off: memory described by the headers is missing.
    writeFileSync(join(folder, 'cut.core'), fixtures['idle.core'].bytes.subarray(0, -8192));
    writeFileSync(join(folder, 'bad.yaml'), '- id: 7\n');
    mkdirSync(join(folder, 'rules'));
    writeFileSync(join(folder, 'rules', 'bad.yaml'), '- id: 7\n');
    mkdirSync(join(folder, 'empty'));
    return body(folder);
  });
}
