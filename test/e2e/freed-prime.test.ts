import { execFileSync } from 'node:child_process';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parts } from '../search/harness.js';
import { LAYOUTS } from '../search/memory.js';
import { rsaFrom } from '../search/seeded.js';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { gcore, startTarget } from '../support/processes.js';
import { program } from '../support/programs.js';
import { writePrivate } from '../support/secrets.js';

/** Reads a number into a block and frees that: the allocator's list and its key stand in place of the first 16 bytes. */
const HOLDER = `
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(void) {
  unsigned char *number = malloc(SIZE);
  FILE *file = fopen("number", "rb");
  setvbuf(file, NULL, _IONBF, 0);
  if (fread(number, 1, SIZE, file) != SIZE) return 1;
  fclose(file);
  unlink("number");
  free(number);
  puts("ready");
  fflush(stdout);
  pause();
}
`;

async function dumpFreed(folder: string, number: Buffer): Promise<string> {
  writePrivate(folder, 'number', number);
  const source = writePrivate(folder, 'holder.c', HOLDER);
  const holder = join(folder, 'holder');
  execFileSync(program('gcc'), [`-DSIZE=${number.length}`, '-o', holder, source]);
  const target = await startTarget(holder, [], { cwd: folder, ready: 'ready' });
  try {
    return await gcore(target.pid, folder);
  } finally {
    await target.stop();
  }
}

const publicPem = (key: KeyObject): string =>
  createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();

describeWith(['gcc', 'gdb'], 'a prime in a block that was freed', () => {
  test.each([
    [2048, 'limbs-le'],
    [2048, 'bytes-be'],
    [4096, 'limbs-le'],
    [4096, 'bytes-be'],
  ])('of an RSA key of %d bits, as %s, gives the key that is asked for', async (bits, layout) => {
    await withTempDir(async (folder) => {
      const key = rsaFrom('freed', bits);
      const number = LAYOUTS[layout]!(parts(key).p!);
      const core = await dumpFreed(folder, number);
      writePrivate(folder, 'key.pub', publicPem(key));
      const { status, report } = await scanJson(['--find', 'key.pub', core], { cwd: folder });
      expect(status).toBe(1);
      expect(report.find[0]?.results.map((each) => each.status)).toEqual(['present']);
      const [finding, ...more] = report.findings.filter(({ counts }) => counts);
      expect(more).toEqual([]);
      expect(finding).toMatchObject({
        confidence: 'proven',
        occurrences: [
          {
            component: 'p',
            encoding: layout,
            partial: true,
            length: number.length - 16,
            region: { kind: 'heap' },
          },
        ],
      });
      expect(JSON.stringify(finding)).toContain('the first 16 bytes of p are lost and were computed');
    });
  });
});
