// Holds the secret of the file `secret` in the ways that the words of the first argument name. No string is
// printed: a stream would have a copy.
const { fork } = require('node:child_process');
const { createPrivateKey, sign } = require('node:crypto');
const { readFileSync, statSync, openSync, readSync } = require('node:fs');
const { writeHeapSnapshot } = require('node:v8');

const words = process.argv[2].split(', ');
const by = process.argv[3];
const has = (word) => words.includes(word);

/** The file in one Buffer, without a pool. */
function contents() {
  const buffer = Buffer.alloc(statSync('secret').size);
  readSync(openSync('secret', 'r'), buffer);
  return buffer;
}

if (has('string')) globalThis.held = readFileSync('secret', 'latin1');
if (has('buffer')) globalThis.held = contents();
if (has('key')) {
  const pem = contents();
  const key = createPrivateKey(pem);
  sign('sha256', Buffer.from('message'), key);
  if (has('filled')) pem.fill(0);
  globalThis.held = { pem, key };
}

function wait() {
  process.stdout.write('ready\n');
  if (has('out of memory')) for (const kept = [held]; ; ) kept.push(new Array(1000).fill(kept.length));
  if (by === 'itself') writeHeapSnapshot('own.heapsnapshot');
  else setInterval(() => {}, 1e6);
}

if (by === 'agent') {
  // Another process has the key, and signs.
  process.on('message', (text) => process.send(sign('sha256', Buffer.from(text), held.key)));
  process.on('disconnect', () => process.exit());
} else if (has('agent')) {
  const agent = fork(__filename, ['key', 'agent'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  agent.once('message', wait);
  agent.send('message');
} else wait();
