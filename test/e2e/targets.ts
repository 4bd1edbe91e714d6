import { execFileSync } from 'node:child_process';
import type { KeyObject } from 'node:crypto';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pkcs8Pem } from '../../fixtures/keys.js';
import { keyNeedles, type Needle, textNeedles } from '../support/needles.js';
import { coreable, startTarget, type Target } from '../support/processes.js';
import { PYTHON, program } from '../support/programs.js';
import { freshSecrets, writePem, writePrivate } from '../support/secrets.js';

/** A process with secrets, and all forms of them that its dump may contain. */
export interface Holder {
  target: Target;
  needles: Needle[];
  keys: Record<string, KeyObject>;
  tokens: Record<string, string>;
}

const NODE_SCRIPT = `
const { readFileSync } = require('node:fs');
const { createPrivateKey, sign } = require('node:crypto');
const pem = readFileSync('rsa.pem', 'utf8');
const jwkText = readFileSync('ec.jwk', 'utf8');
globalThis.held = {
  pem, jwkText, jwk: JSON.parse(jwkText), der: readFileSync('ed25519.der'),
  wide: JSON.parse(readFileSync('wide.json', 'utf8')), token: process.env.GITHUB_TOKEN,
  key: createPrivateKey(pem),
};
sign('sha256', Buffer.from('message'), held.key);
console.log('ready');
setInterval(() => {}, 1e6);
`;

/**
 * A Node process: PEM in strings (one and two bytes per character), JWK as an object and as text, DER in a
 * Buffer.
 */
export async function nodeHolder(folder: string): Promise<Holder> {
  const { rsa, ec, ed25519, github, npm } = freshSecrets();
  writePem(folder, 'rsa.pem', rsa);
  writePrivate(folder, 'ec.jwk', JSON.stringify(ec.export({ format: 'jwk' })));
  writePrivate(folder, 'ed25519.der', ed25519.export({ format: 'der', type: 'pkcs8' }));
  // One character outside Latin-1 makes V8 store the whole string as UTF-16.
  writePrivate(folder, 'wide.json', JSON.stringify({ note: `ключ ${npm} и всё` }));
  const [command, args] = coreable(process.execPath, ['-e', NODE_SCRIPT]);
  const target = await startTarget(command, args, {
    cwd: folder,
    env: { GITHUB_TOKEN: github },
    ready: 'ready',
  });
  const keys = { rsa, ec, ed25519 };
  return { target, keys, tokens: { github, npm }, needles: allNeedles(keys, { github, npm }) };
}

const PYTHON_SCRIPT = `
import os, sys
from cryptography.hazmat.primitives.serialization import load_pem_private_key
pem = open('rsa.pem', 'rb').read()
der = open('ec.der', 'rb').read()
ssh = open('ed25519').read()
wide = '\\u20ac ' + os.environ['NPM_TOKEN']
key = load_pem_private_key(pem, None)
print('ready', flush=True)
sys.stdin.read()
`;

/**
 * A Python process: PEM and DER as bytes, an OpenSSH key as str, a token as a str with two bytes per
 * character.
 */
export async function pythonHolder(folder: string): Promise<Holder> {
  const { rsa, ec, ed25519, openssh, npm } = freshSecrets();
  writePem(folder, 'rsa.pem', rsa);
  writePrivate(folder, 'ec.der', ec.export({ format: 'der', type: 'sec1' }));
  writePrivate(folder, 'ed25519', openssh);
  const [command, args] = coreable(PYTHON, ['-c', PYTHON_SCRIPT]);
  const target = await startTarget(command, args, { cwd: folder, env: { NPM_TOKEN: npm }, ready: 'ready' });
  const keys = { rsa, ec, ed25519 };
  const needles = [...allNeedles(keys, { npm }), ...textNeedles('ed25519', 'openssh', openssh.trim())];
  return { target, keys, tokens: { npm }, needles };
}

/**
 * Starts a program on a key file that is a FIFO. All but the last newline is written and the FIFO stays open:
 * the program waits for the rest of the line with the whole key in its buffers.
 */
async function whileReading(
  folder: string,
  text: string,
  start: (fifo: string) => Promise<Target>,
): Promise<Target> {
  const fifo = join(folder, 'key.fifo');
  execFileSync(program('mkfifo'), ['-m', '600', fifo]);
  const fd = openSync(fifo, 'r+');
  writeSync(fd, text.trimEnd());
  const target = await start(fifo);
  return {
    ...target,
    stop: () => {
      closeSync(fd);
      return target.stop();
    },
  };
}

function certificate(folder: string, keyFile: string): string {
  const path = `${keyFile}.crt`;
  const args = [
    'req',
    '-x509',
    '-new',
    '-key',
    keyFile,
    '-subj',
    '/CN=e2e.example',
    '-days',
    '2',
    '-out',
    path,
  ];
  execFileSync(program('openssl'), args, { cwd: folder, stdio: 'ignore' });
  return path;
}

/** `openssl s_server`, listening, its RSA key loaded from a PEM file. */
export async function opensslHolder(folder: string): Promise<Holder> {
  const { rsa } = freshSecrets();
  const key = writePem(folder, 'server.pem', rsa);
  const server = ['s_server', '-accept', '127.0.0.1:0', '-key', key, '-cert', certificate(folder, key)];
  const target = await startTarget(program('openssl'), server, { cwd: folder, ready: 'ACCEPT' });
  return { target, keys: { rsa }, tokens: {}, needles: allNeedles({ rsa }, {}) };
}

/** `openssl s_server` while it loads its RSA key. */
export async function opensslLoadingHolder(folder: string): Promise<Holder> {
  const { rsa } = freshSecrets();
  const path = certificate(folder, writePem(folder, 'server.pem', rsa));
  const loading = await whileReading(folder, pkcs8Pem(rsa), (fifo) =>
    startTarget(program('openssl'), ['s_server', '-accept', '127.0.0.1:0', '-key', fifo, '-cert', path], {
      cwd: folder,
      settle: 500,
    }),
  );
  return { target: loading, keys: { rsa }, tokens: {}, needles: allNeedles({ rsa }, {}) };
}

export function nginxConfig(folder: string, pairs: readonly { key: string; certificate: string }[]): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const certificates = pairs.map(
    ({ certificate, key }) => `ssl_certificate ${certificate}; ssl_certificate_key ${key};`,
  );
  return writePrivate(
    folder,
    'nginx.conf',
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr notice;
events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  server {
    listen unix:${folder}/nginx.sock ssl;
    ${certificates.join('\n    ')}
  }
}
`,
  );
}

/** nginx, a master and a worker, with an RSA and an EC certificate. */
export async function nginxHolder(folder: string): Promise<Holder> {
  const { rsa, ec } = freshSecrets();
  const files = [writePem(folder, 'rsa.pem', rsa), writePem(folder, 'ec.pem', ec)];
  const pairs = files.map((key) => ({ key, certificate: certificate(folder, key) }));
  const args = ['-p', folder, '-c', nginxConfig(folder, pairs), '-e', 'stderr'];
  const target = await startTarget(program('nginx'), args, { cwd: folder, ready: 'start worker process ' });
  return { target, keys: { rsa, ec }, tokens: {}, needles: allNeedles({ rsa, ec }, {}) };
}

/** nginx while it loads its EC key. */
export async function nginxLoadingHolder(folder: string): Promise<Holder> {
  const { ec } = freshSecrets();
  const path = certificate(folder, writePem(folder, 'ec.pem', ec));
  const target = await whileReading(folder, pkcs8Pem(ec), (fifo) => {
    const config = nginxConfig(folder, [{ key: fifo, certificate: path }]);
    const args = ['-p', folder, '-c', config, '-e', 'stderr'];
    return startTarget(program('nginx'), args, { cwd: folder, settle: 500 });
  });
  return { target, keys: { ec }, tokens: {}, needles: allNeedles({ ec }, {}) };
}

/** ssh-keygen while it reads an OpenSSH key. */
export async function sshKeygenHolder(folder: string): Promise<Holder> {
  const { ed25519, openssh } = freshSecrets();
  const target = await whileReading(folder, openssh, (fifo) =>
    startTarget(program('ssh-keygen'), ['-y', '-f', fifo], { cwd: folder, settle: 500 }),
  );
  const needles = [...textNeedles('ed25519', 'openssh', openssh.trim()), ...allNeedles({ ed25519 }, {})];
  return { target, keys: { ed25519 }, tokens: {}, needles };
}

const C_SOURCE = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static char token[64];
int main(int argc, char **argv) {
  FILE *file = fopen("rsa.pem", "r");
  char *pem = calloc(1, 8192);
  if (!file || fread(pem, 1, 8191, file) == 0) return 1;
  strncpy(token, getenv("GITHUB_TOKEN"), sizeof token - 1);
  puts("ready");
  fflush(stdout);
  getchar();
  return pem[0] == 0;
}
`;

/** A 32-bit C program: a PEM on its heap, a token in its environment and in a static buffer. */
export async function c32Holder(folder: string): Promise<Holder> {
  const { rsa, github } = freshSecrets();
  writePem(folder, 'rsa.pem', rsa);
  writeFileSync(join(folder, 'holder.c'), C_SOURCE);
  execFileSync(program('gcc'), ['-m32', '-o', 'holder', 'holder.c'], { cwd: folder });
  const [command, args] = coreable(join(folder, 'holder'), []);
  const target = await startTarget(command, args, {
    cwd: folder,
    env: { GITHUB_TOKEN: github },
    ready: 'ready',
  });
  return { target, keys: { rsa }, tokens: { github }, needles: allNeedles({ rsa }, { github }) };
}

function allNeedles(keys: Record<string, KeyObject>, tokens: Record<string, string>): Needle[] {
  return [
    ...Object.entries(keys).flatMap(([name, key]) => keyNeedles(name, key)),
    ...Object.entries(tokens).flatMap(([name, text]) => textNeedles(name, 'token', text)),
  ];
}
