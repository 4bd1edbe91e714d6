import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { fixtureDumps } from '../../../fixtures/dumps.js';
import { runCli } from '../../support/cli.js';
import { describeWith } from '../../support/describe.js';
import { withTempDir } from '../../support/folder.js';
import { program } from '../../support/programs.js';

const [dump] = fixtureDumps().filter(({ name }) => name === 'signer.core');

describeWith(['openssl'], 'an object behind TLS', () => {
  test('is read only from a server whose certificate is trusted', async () => {
    await withTempDir(async (folder) => {
      const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
      const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
      const files = ['-keyout', key, '-out', cert];
      execFileSync(program('openssl'), [...made, ...names, ...files], { stdio: 'ignore' });
      const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, answer) => {
        answer.writeHead(200, { etag: '"v1"', 'content-length': dump!.bytes.length });
        answer.end(request.method === 'HEAD' ? undefined : dump!.bytes);
      });
      server.listen(0, 'localhost');
      await once(server, 'listening');
      const url = `https://localhost:${(server.address() as AddressInfo).port}/signer.core`;
      const add = (store: string, env: Record<string, string>) =>
        runCli(['hunt', 'add', url, '--store', join(folder, store)], { env });

      const refused = await add('refused.db', {});
      expect(refused.stderr).toContain('certificate-refused');
      expect(refused.stderr).toContain('NODE_EXTRA_CA_CERTS');
      expect(refused.status).toBe(2);
      const read = await add('read.db', { NODE_EXTRA_CA_CERTS: cert });
      expect(read.stderr).not.toContain('certificate-refused');
      expect(read.status).toBe(1);
      server.close();
      server.closeAllConnections();
    });
  });
});
