import { PYTHON } from '../../support/programs.js';
import { type Program, signer } from '../bare/program.js';

/** Programs that keep a key and its certificate. */

const PYTHON_SOURCE = `
import sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_private_key
key = load_pem_private_key(open("keys/rsa.pem", "rb").read(), None)
certificate = x509.load_pem_x509_certificate(open("keys/rsa.crt", "rb").read())
for _ in range(3):
    key.sign(certificate.fingerprint(hashes.SHA256()), padding.PKCS1v15(), hashes.SHA256())
print("ready", flush=True)
sys.stdin.read()
`;

export const python: Program = {
  name: 'Python cryptography with a certificate',
  needs: ['python3', 'python3-cryptography'],
  keys: ['rsa'],
  files: ['certificate'],
  start: (folder) => signer(folder, PYTHON, ['-c', PYTHON_SOURCE]),
};

const NODE_SOURCE = `
const { readFileSync } = require('node:fs');
const tls = require('node:tls');
const pair = { key: readFileSync('keys/rsa.pem'), cert: readFileSync('keys/rsa.crt') };
const server = tls.createServer(pair, (socket) => socket.end('x'));
server.listen(0, '127.0.0.1', async () => {
  for (let i = 0; i < 3; i++)
    await new Promise((done) => {
      const to = { port: server.address().port, host: '127.0.0.1', rejectUnauthorized: false };
      tls.connect(to).resume().on('close', done);
    });
  console.log('ready');
});
`;

export const node: Program = {
  name: 'Node with a TLS server',
  needs: [],
  keys: ['rsa'],
  files: ['certificate'],
  start: (folder) => signer(folder, process.execPath, ['-e', NODE_SOURCE]),
};
