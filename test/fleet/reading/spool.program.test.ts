import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe.js';
import { withTempDir } from '../../support/folder.js';

/** A spool in a process of its own: on a full disk, and killed. */

const module = (path: string): string => JSON.stringify(new URL(`../../../${path}`, import.meta.url).href);
const BEGINNING = `
  import { useHost } from ${module('fleet/src/host.js')};
  import { Spool } from ${module('fleet/src/reading/spool.js')};
  import * as dumpsieve from ${module('src/index.js')};
  useHost(dumpsieve);
  const slot = new Spool({ folder: process.argv[2], most: 1e9 }).slot();
  let dump = slot.write();`;

describeWith(['bash'], 'the spool of a child', () => {
  test('on a full disk fails with a code, and is of use once there is space', async () => {
    await withTempDir(async (folder) => {
      const script = `${BEGINNING}
        let code;
        try { for (;;) await dump.write(Buffer.alloc(30_000, 7)); } catch (error) { code = error.code; }
        dump = slot.write();
        await dump.write(Buffer.alloc(1000));
        console.log(code, (await dump.end()).length);`;
      writeFileSync(join(folder, 'full.mjs'), script);
      const limited = 'ulimit -f 4000; exec "$0" "$@"';
      const child = spawn('bash', ['-c', limited, process.execPath, join(folder, 'full.mjs'), folder]);
      let output = '';
      for await (const chunk of child.stdout) output += String(chunk);
      expect(output.trim()).toBe('spool-full 64');
    });
  });

  test('leaves no file when its process is killed', async () => {
    await withTempDir(async (folder) => {
      const spoolFolder = join(folder, 'spool');
      mkdirSync(spoolFolder);
      const script = `${BEGINNING}
        await dump.write(Buffer.alloc(3_000_000));
        console.log('written');
        setInterval(() => {}, 1000);`;
      writeFileSync(join(folder, 'kill.mjs'), script);
      const child = spawn(process.execPath, [join(folder, 'kill.mjs'), spoolFolder]);
      await once(child.stdout, 'data');
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(readdirSync(spoolFolder)).toEqual([]);
    });
  });
});
