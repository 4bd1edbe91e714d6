import { execFileSync } from 'node:child_process';
import type { KeyObject } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gcore, startTarget } from '../support/processes.js';
import { PYTHON, program } from '../support/programs.js';
import { ecFrom, ed25519From, rsaFrom } from './seeded.js';

/** The keys of a signer by name. */
export type Keys = Readonly<Record<string, KeyObject>>;

const NODE = `
const { readFileSync, rmSync } = require('node:fs');
const { createPrivateKey, createPublicKey, sign } = require('node:crypto');
globalThis.keys = process.argv.slice(1).map((path) => {
  const bytes = readFileSync(path);
  const key = createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' });
  bytes.fill(0);
  rmSync(path);
  return key;
});
for (let i = 0; i < 20; i++)
  for (const key of keys)
    sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', Buffer.from('message ' + i), key);
globalThis.publics = keys.map((key) => createPublicKey(key).export({ format: 'der', type: 'spki' }));
console.log('ready');
setInterval(() => {}, 1000);
`;

const PYTHON_SOURCE = `
import os, sys, time
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
keys = []
for path in sys.argv[1:]:
    with open(path, 'rb') as file:
        keys.append(serialization.load_der_private_key(file.read(), None))
    os.remove(path)
for i in range(20):
    for key in keys:
        data = b'message %d' % i
        if isinstance(key, rsa.RSAPrivateKey): key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePrivateKey): key.sign(data, ec.ECDSA(hashes.SHA256()))
        else: key.sign(data)
spki = serialization.PublicFormat.SubjectPublicKeyInfo
publics = [key.public_key().public_bytes(serialization.Encoding.DER, spki) for key in keys]
if os.environ.get('NUMBERS') == '1':
    numbers = [key.private_numbers() for key in keys if isinstance(key, rsa.RSAPrivateKey)]
print('ready', flush=True)
time.sleep(1000)
`;

const JAVA_SOURCE = `
import java.nio.file.*;
import java.security.*;
import java.security.spec.*;
import java.util.*;
public class Signer {
  static List<PrivateKey> keys = new ArrayList<>();
  static List<byte[]> signatures = new ArrayList<>();
  public static void main(String[] args) throws Exception {
    String[] names = { "RSA", "EC", "Ed25519" };
    String[] algorithms = { "SHA256withRSA", "SHA256withECDSA", "Ed25519" };
    for (int i = 0; i < args.length; i++) {
      Path path = Path.of(args[i]);
      byte[] bytes = Files.readAllBytes(path);
      keys.add(KeyFactory.getInstance(names[i]).generatePrivate(new PKCS8EncodedKeySpec(bytes)));
      Arrays.fill(bytes, (byte) 0);
      Files.delete(path);
    }
    for (int n = 0; n < 20; n++)
      for (int i = 0; i < keys.size(); i++) {
        Signature signature = Signature.getInstance(algorithms[i]);
        signature.initSign(keys.get(i));
        signature.update(("message " + n).getBytes());
        signatures.add(signature.sign());
      }
    System.out.println("ready");
    System.out.flush();
    Thread.sleep(1000000);
  }
}
`;

/** Keys of the three kinds that servers sign with. */
export function makeKeys(seed = 'signers'): Keys {
  return {
    rsa: rsaFrom(seed, 2048),
    ec: ecFrom(seed, 'P-256', 'prime256v1', 32).key,
    ed25519: ed25519From(seed),
  };
}

interface Signer {
  command(folder: string, files: readonly string[]): { command: string; args: string[]; ready?: string };
  env?: Record<string, string>;
  /** Names of the keys it uses. */
  names: readonly string[];
}

const ALL = ['rsa', 'ec', 'ed25519'];

const python = (env: Record<string, string>): Signer => ({
  names: ALL,
  env,
  command: (_folder, files) => ({ command: PYTHON, args: ['-c', PYTHON_SOURCE, ...files], ready: 'ready' }),
});

const server = (name: string): Signer => ({
  names: [name],
  command(folder, [file]) {
    const certificate = certify(folder, file!);
    const args = ['s_server', '-key', file!, '-cert', certificate, '-accept', '127.0.0.1:0', '-www'];
    return { command: program('openssl'), args, ready: 'ACCEPT' };
  },
});

function certify(folder: string, key: string): string {
  const path = join(folder, `${basename(key)}.certificate.pem`);
  const subject = ['-new', '-x509', '-key', key, '-subj', '/CN=numbers', '-days', '2', '-out', path];
  execFileSync(program('openssl'), ['req', ...subject], { stdio: 'ignore' });
  return path;
}

function nginxConfiguration(folder: string, files: readonly string[]): string {
  const pairs = files.map((file) => {
    const pem = `${file}.pem`;
    execFileSync(program('openssl'), ['pkey', '-inform', 'DER', '-in', file, '-out', pem]);
    return `ssl_certificate ${certify(folder, pem)}; ssl_certificate_key ${pem};`;
  });
  const port = 20_000 + (process.pid % 20_000);
  return `daemon off; pid ${folder}/pid; error_log stderr notice; events {}
    http { access_log off; client_body_temp_path ${folder}/1; proxy_temp_path ${folder}/2;
    fastcgi_temp_path ${folder}/3;
    uwsgi_temp_path ${folder}/4; scgi_temp_path ${folder}/5;
    server { listen 127.0.0.1:${port} ssl; ${pairs.join(' ')} } }`;
}

/** Programs that load keys, sign with them, and keep running. None keeps a file or text of the keys. */
export const SIGNERS = {
  node: {
    names: ALL,
    command: (_folder, files) => ({
      command: process.execPath,
      args: ['-e', NODE, ...files],
      ready: 'ready',
    }),
  },
  python: python({}),
  'python with numbers': python({ NUMBERS: '1' }),
  java: {
    names: ALL,
    command(folder, files) {
      const source = join(folder, 'Signer.java');
      writeFileSync(source, JAVA_SOURCE);
      execFileSync(program('javac'), ['-d', folder, source]);
      const limits = ['-Xmx24m', '-XX:+UseSerialGC', '-XX:ReservedCodeCacheSize=24m'];
      // Reserved memory is part of the core, and is searched.
      limits.push('-XX:CompressedClassSpaceSize=16m');
      return {
        command: program('java'),
        args: [...limits, '-cp', folder, 'Signer', ...files],
        ready: 'ready',
      };
    },
  },
  'openssl s_server with RSA': server('rsa'),
  'openssl s_server with EC': server('ec'),
  nginx: {
    names: ['rsa', 'ec'],
    command(folder, files) {
      const path = join(folder, 'nginx.conf');
      writeFileSync(path, nginxConfiguration(folder, files));
      return { command: program('nginx'), args: ['-e', 'stderr', '-c', path], ready: 'start worker process' };
    },
  },
} satisfies Record<string, Signer>;

/**
 * Starts the signer, waits until it has loaded the keys and signed, and dumps it. Returns the path of the
 * core.
 */
export async function dumpSigner(name: keyof typeof SIGNERS, keys: Keys, folder: string): Promise<string> {
  const signer: Signer = SIGNERS[name];
  const files = signer.names.map((each) => {
    const path = join(folder, `${each}.der`);
    writeFileSync(path, keys[each]!.export({ format: 'der', type: 'pkcs8' }));
    return path;
  });
  const { command, args, ready } = signer.command(folder, files);
  const target = await startTarget(command, args, {
    env: signer.env ?? {},
    cwd: folder,
    ...(ready === undefined ? {} : { ready }),
  });
  try {
    for (const file of files) rmSync(file, { force: true });
    return await gcore(target.pid, folder);
  } finally {
    await target.stop();
  }
}
