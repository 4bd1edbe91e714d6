// Fills a Node process with typical contents: objects, strings, buffers, a TLS context with its roots. Prints
// "ready" and waits to be dumped.
import { createSecureContext, rootCertificates } from 'node:tls';

const users = Array.from({ length: 200_000 }, (_, id) => ({
  id,
  name: `user${id}`,
  email: `u${id}@example.org`,
  scores: [id, id * 2, { third: id / 3 }],
  note: 'x'.repeat(id % 200),
}));
const text = JSON.stringify(users);
globalThis.kept = {
  users,
  text,
  seen: new Map(users.map(({ name }, i) => [name, new Date(i)])),
  blocks: Array.from({ length: 40 }, (_, i) => Buffer.alloc(2 ** 20, text.slice(i * 1000))),
  context: createSecureContext({ ca: rootCertificates }),
};
console.log('ready');
setInterval(() => {}, 1000);
