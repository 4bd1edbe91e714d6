import type { Command } from 'commander';
import type { Finish } from './help.js';
import { addExamples } from './help.js';
import { print } from './print.js';
import { requireOtherOutput } from './standard-output.js';

export function registerFingerprint(program: Command, finish: Finish): void {
  const command = program
    .command('fingerprint')
    .description('print the fingerprint that a report would bear for a secret on standard input')
    .addHelpText(
      'after',
      `
A private key (PEM, DER, OpenSSH, JWK) and its public half or certificate have the same fingerprint, which
identifies a finding and a baseline entry. Anything else is taken as a token, without one line end after it.
Several keys are printed as one line each. Nothing is written or sent anywhere. Do not put a secret on a
command line: other processes can read it.`,
    );
  addExamples(command, [
    ['dumpsieve fingerprint < signing-key.pem', 'a private key, public key or certificate'],
    ['pass show ci/token | dumpsieve fingerprint', 'a token'],
  ]).action(async () => finish(await fingerprintVerb()));
}

async function fingerprintVerb(): Promise<number> {
  requireOtherOutput({}, {}, ['-']);
  const { fingerprints } = await import('../index.js');
  if (process.stdin.isTTY) process.stderr.write('Reading a secret from the terminal; end it with Ctrl-D.\n');
  for (const fingerprint of await fingerprints(process.stdin)) print(`${fingerprint}\n`);
  return 0;
}
