import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { gcore, startTarget } from '../../support/processes.js';
import { program } from '../../support/programs.js';
import { writePrivate } from '../../support/secrets.js';

/**
 * Reads a number into a block and frees it: the allocator overwrites the first 16 bytes (its list and its
 * key).
 */
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

/** Has a C program read and free `number`; returns the path of its core. */
export async function dumpFreed(folder: string, number: Buffer): Promise<string> {
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
