// Holds values that come by lines, in the order of node-ways.ts and core-ways.ts: names are in the program,
// values on the heap. With a path, writes a heap snapshot there and ends.
const { readFileSync } = require('node:fs');
const { writeHeapSnapshot } = require('node:v8');

let lines = readFileSync(0, 'latin1')
  .trimEnd()
  .split('\n')
  .map((line) => Buffer.from(line, 'latin1'));
let next = 0;
/** A string of its own, not a slice of the input. */
const value = () => lines[next++].toString('latin1');
class Config {
  #apiSecret;
  constructor() {
    this.jwtSecret = value();
    this.#apiSecret = value();
  }
  size() {
    return this.#apiSecret.length;
  }
}

function closure() {
  const webhookSecret = value();
  return () => webhookSecret.length;
}

const config = new Config();
const map = new Map([
  ['db.password', value()],
  ['port', 1],
]);
const settings = [{ name: 'STRIPE_SECRET_KEY', value: value() }];
const pair = ['clientSecret', value()];
const dictionary = Object.create(null);
for (let i = 0; i < 2000; i++) dictionary[`key${i}`] = i;
dictionary['session-secret'] = value();
const hook = closure();
const symbol = { [Symbol('accessToken')]: value() };
const list = { secretKeys: [value()] };
const set = { refreshTokens: new Set([value()]) };
const concatenated = { encryptionKey: value() + value() };
const wrapped = { authToken: { value: value() } };
const nested = { auth: { basic: { proxyPassword: value() } } };
const smtpPassword = value();
globalThis.adminPassword = value();
module.exports.mailPassword = value();
// A text of its own, which the slice keeps.
const front = 'relay of the mail; '.repeat(3);
const relay = {
  relayPassword: Buffer.from(front + value())
    .toString('latin1')
    .slice(front.length),
};
const decoys = {
  requestId: value(),
  etag: value(),
  sha256: value(),
  publicKey: value(),
  traceId: value(),
  cacheKey: value(),
};
const headers = new Map([['etag', value()]]);
lines = undefined;
if (process.argv[2]) writeHeapSnapshot(process.argv[2]);
else setTimeout(() => {}, 600_000);
process.stdout.write('ready\n');
// Whatever is used here is not collected before.
module.exports.held = () => [
  config.size(),
  map,
  settings,
  pair,
  dictionary,
  hook(),
  symbol,
  list,
  set,
  concatenated,
];
module.exports.more = () => [wrapped, nested, smtpPassword, relay, decoys, headers];
