import { aspNet } from './aspnet.js';
import { django } from './django.js';
import { express, keygrip } from './express.js';
import { gorilla } from './gorilla.js';
import { iron } from './iron.js';
import { flaskLogin, itsdangerous } from './itsdangerous.js';
import { jwe } from './jwe.js';
import { laravel } from './laravel.js';
import { phoenix } from './phoenix.js';
import { rack } from './rack.js';
import { railsEncrypted, railsSigned } from './rails.js';
import { symfony } from './symfony.js';
import { tornado } from './tornado.js';
import type { SessionReader, SessionToken } from './types.js';

/** The forms exclude each other, but for the last: any base64url. */
const READERS: readonly SessionReader[] = [
  django,
  itsdangerous,
  flaskLogin,
  railsSigned,
  railsEncrypted,
  laravel,
  rack,
  express,
  keygrip,
  jwe,
  iron,
  tornado,
  gorilla,
  phoenix,
  symfony,
  aspNet,
];

/** The session token that a text is, for verification; undefined if it has the form of none. */
export function readSession(text: string): SessionToken | undefined {
  for (const read of READERS) {
    const token = read(text);
    if (token !== undefined) return token;
  }
  return undefined;
}
