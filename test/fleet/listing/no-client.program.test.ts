import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runCli } from '../../support/cli.js';
import { withTempDir } from '../../support/folder.js';

const source = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`;

/** Hooks of Node (node:module, register) by which the package does not seem to be installed. */
const HOOKS = source(`
  export async function resolve(name, context, next) {
    if (!name.startsWith('@aws-sdk/')) return next(name, context);
    throw Object.assign(new Error('Cannot find package ' + name), { code: 'ERR_MODULE_NOT_FOUND' });
  }`);
const WITHOUT = [
  '--import',
  source(`import { register } from 'node:module'; register(${JSON.stringify(HOOKS)});`),
];

test('without the client of S3 a bucket is not listed, and the way to get it is said', async () => {
  await withTempDir(async (folder) => {
    const args = ['hunt', 'add', 's3://dumps/', '--store', join(folder, 'store.db')];
    const { status, stderr } = await runCli(args, { nodeFlags: WITHOUT });
    expect(stderr).toContain('s3-client-missing');
    expect(stderr).toContain('npm install @aws-sdk/client-s3');
    expect(status).toBe(3);
  });
});
