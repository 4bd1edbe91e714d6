import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, renameSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const PORT = 7399;
const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const LENGTH = 40;
const BATCH = 20_000;
/** Values of DEBUG POPULATE, of zeros behind a few characters: 1.3 GB with two million others. */
const FILLER = { count: 900_000, length: 1000 };

/** Random characters, drawn without bias. */
function* randomValues(count: number): Generator<string> {
  let bytes = randomBytes(0);
  let at = 0;
  for (let i = 0; i < count; i++) {
    let value = '';
    while (value.length < LENGTH) {
      if (at === bytes.length) [bytes, at] = [randomBytes(1 << 16), 0];
      value += CHARACTERS[bytes[at++]! & 63] ?? '';
    }
    yield value;
  }
}

const command = (...words: readonly string[]): string =>
  [`*${words.length}`, ...words.flatMap((word) => [`$${word.length}`, word]), ''].join('\r\n');

async function send(socket: Socket, text: string): Promise<void> {
  if (!socket.write(text)) await once(socket, 'drain');
}

async function fill(socket: Socket, count: number): Promise<void> {
  socket.resume();
  let batch: string[] = [];
  let index = 0;
  for (const value of randomValues(count)) {
    batch.push(command('SET', `key:${String(index++).padStart(12, '0')}`, value));
    if (batch.length < BATCH && index < count) continue;
    await send(socket, batch.join(''));
    batch = [];
  }
  const { count: fillers, length } = FILLER;
  await send(socket, command('DEBUG', 'POPULATE', String(fillers), 'fil', String(length)));
  socket.end(command('QUIT'));
  await once(socket, 'close');
}

/** A certificate of RSA with 2,048 bits, and its key. */
function certificate(folder: string): string[] {
  const [key, certificate] = [join(folder, 'redis.key'), join(folder, 'redis.crt')];
  const made = ['-nodes', '-keyout', key, '-out', certificate, '-subj', '/CN=redis.example'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...made], { stdio: 'ignore' });
  const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate];
  return ['--tls-port', String(PORT + 1), ...files];
}

/**
 * A core by gcore of an idle Redis with `count` random values of 40 characters, and with `tls` a key of its
 * own.
 */
export async function redisCore(path: string, count: number, tls: boolean): Promise<string> {
  if (existsSync(path)) return path;
  const folder = dirname(path);
  const options = ['--port', String(PORT), '--save', '', '--appendonly', 'no', '--dir', folder];
  const own = tls ? certificate(folder) : [];
  const server = spawn('redis-server', [...options, '--enable-debug-command', 'yes', ...own], {
    stdio: 'ignore',
  });
  try {
    await setTimeout(1000);
    const socket = connect(PORT, '127.0.0.1');
    await once(socket, 'connect');
    await fill(socket, count);
    execFileSync('gcore', ['-o', path, String(server.pid)], { stdio: 'ignore' });
    renameSync(`${path}.${server.pid}`, path);
  } finally {
    server.kill();
  }
  return path;
}
