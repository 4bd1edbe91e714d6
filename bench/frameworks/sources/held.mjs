// The secret of a program, in its environment, in the text of its configuration, or made in code.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [, , held, portText, seed] = process.argv;
export const port = Number(portText);

/** Keeps the text, as a program does that reloads its configuration. */
export const kept = { text: '' };

/** `read`: the value from the parsed configuration. */
export function secret(name, read, encoding = 'hex') {
  if (held === 'environment') return process.env[name];
  if (held === 'object') return createHash('sha256').update(seed).digest(encoding);
  kept.text = readFileSync('config', 'utf8');
  return read(kept.text);
}

export function fromEnvFile(name) {
  return (text) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)[1];
}

export function started() {
  console.log('ready');
}
