import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { pkcs8Pem } from '../../fixtures/keys.js';
import { compile, parsePrinted, whileRunning } from '../formats/marked-process.js';
import { runBash, runCli, scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { type Style, saveMinidumps } from '../support/lldb.js';
import { freshSecrets, writePrivate } from '../support/secrets.js';

/**
 * Reads a key to its heap and a token to its stack, prints their addresses and that of a token in its
 * environment.
 */
const PROGRAM = `
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static void take(const char *name, char *to, size_t room) {
  if (read(open(name, O_RDONLY), to, room) <= 0) exit(1);
}
int main(void) {
  char token[64] = "", *key = calloc(1, 4096);
  take("key.pem", key, 4095);
  take("token", token, sizeof token - 1);
  printf("key %p 0\\nstack %p %d\\n", (void *)key, (void *)token, getpid());
  printf("environment %p 0\\nready\\n", (void *)getenv("TOKEN"));
  fflush(stdout);
  for (;;) pause();
}
`;
const STYLES: Style[] = ['stack', 'modified-memory', 'full'];

describeWith(['gcc', 'lldb-19'], 'minidumps by lldb of a process with secrets', () => {
  test('yield those of the memory they contain, by address', async () => {
    const { github, npm, rsa } = freshSecrets();
    await withTempDir(async (folder) => {
      compile(folder, [], PROGRAM);
      writePrivate(folder, 'key.pem', pkcs8Pem(rsa));
      writePrivate(folder, 'token', github);
      const paths = STYLES.map((style) => [style, join(folder, `${style}.dmp`)] as const);
      const save = (pid: number, output: string) => {
        saveMinidumps(pid, paths);
        return output;
      };
      const printed = parsePrinted(await whileRunning(folder, save, { TOKEN: npm }));
      const at = (key: string) => Number(printed.get(key)!.address);
      const key = {
        ruleId: 'private-key-pem',
        confidence: 'proven',
        places: [[at('key'), { kind: 'heap' }]],
      };
      const environment = { kind: 'environment', name: 'TOKEN' };
      const tokens = [
        {
          ruleId: 'github-token',
          confidence: 'high',
          places: [[at('stack'), { kind: 'stack', thread: printed.get('stack')!.id }]],
        },
        {
          ruleId: 'npm-token',
          confidence: 'high',
          // The environment also has a stream of its own, without an address.
          places: [
            [undefined, environment],
            [at('environment'), environment],
          ],
        },
      ];
      for (const [style, path] of paths) {
        const { report, status } = await scanJson([path]);
        expect(status).toBe(1);
        expect(report.artifacts).toMatchObject([
          { path, format: 'minidump', coverage: { file: { unread: [] }, limits: [] }, warnings: [] },
        ]);
        const found = report.findings.map(({ ruleId, confidence, occurrences }) => {
          const places = occurrences.map(({ address, region }) => [
            address === undefined ? undefined : Number(address),
            region,
          ]);
          return { ruleId, confidence, places };
        });
        found.sort((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
        expect([style, found]).toEqual([style, style === 'stack' ? tokens : [...tokens, key]]);
      }
      const [, path] = paths[0]!;
      const { stdout: text } = await runCli(['scan', '--only', 'github-token', path]);
      const [, command = ''] = /^ *look +(lldb .*(?:\n {11}.*)*)$/m.exec(text) ?? [];
      const { stdout } = await runBash(`lldb() { lldb-19 "$@"; }\n${command}`);
      expect(stdout).toContain(github.slice(0, 16));
    });
  });
});
