import { randomBytes } from 'node:crypto';

/** Where a program holds its secret. */
export const HELD = ['environment', 'text', 'object'] as const;
export type Held = (typeof HELD)[number];

/** A framework that runs in a process of its own. */
export interface Framework {
  name: string;
  /** Runs a file of bench/frameworks/sources: program and file. */
  run: readonly [command: string, source: string];
  /** Debian packages that it needs, its own first unless it is one of npm. */
  packages: readonly string[];
  /** npm packages that it needs, its own first. */
  modules?: readonly string[];
  /** A Debian package that is unpacked only: installed, it would start servers. */
  unpacked?: string;
  /** Variables that have the secrets, each a value of its own. */
  variables: readonly string[];
  /** A fresh secret, as the framework's own command makes it. */
  make(): string;
  /** A configuration file with the secrets of these variables. */
  text(secrets: Readonly<Record<string, string>>): string;
  /** Whether it answers requests at a port; otherwise it calls itself. */
  serves: boolean;
  /** Beginning of the statement that proves the secret; undefined if nothing it signs can. */
  proof?: string;
  remark?: string;
}

const hex = (bytes: number) => () => randomBytes(bytes).toString('hex');
const base64 = (bytes: number) => () => randomBytes(bytes).toString('base64');

/** One of these characters a byte, as the commands of frameworks choose them. */
function characters(count: number, alphabet: string): () => string {
  return () => [...randomBytes(count)].map((byte) => alphabet[byte % alphabet.length]).join('');
}

const envFile = (secrets: Readonly<Record<string, string>>): string =>
  `APP_ENV=production\n${Object.entries(secrets)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')}APP_DEBUG=false\n`;

const python = (secrets: Readonly<Record<string, string>>): string =>
  `DEBUG = False\n${Object.entries(secrets)
    .map(([name, value]) => `${name} = '${value}'\n`)
    .join('')}`;

const yaml = (secrets: Readonly<Record<string, string>>): string =>
  `production:\n${Object.entries(secrets)
    .map(([name, value]) => `  ${name.toLowerCase()}: ${value}\n`)
    .join('')}`;

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const DJANGO = `${LETTERS}0123456789!@#$%^&*(-_=+)`;
const WORDPRESS = `${LETTERS}${LETTERS.toUpperCase()}0123456789!@#$%^&*()-_ []{}<>~\`+=,.;:/?|`;
const WORDPRESS_KEYS = ['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'];

export const frameworks: readonly Framework[] = [
  {
    name: 'Django',
    run: ['/usr/bin/python3', 'django_app.py'],
    packages: ['python3-django'],
    variables: ['SECRET_KEY'],
    make: characters(50, DJANGO),
    text: python,
    serves: true,
    proof: 'signed the Django session',
  },
  {
    name: 'Flask',
    run: ['/usr/bin/python3', 'flask_app.py'],
    packages: ['python3-flask'],
    variables: ['SECRET_KEY'],
    make: hex(32),
    text: python,
    serves: true,
    proof: 'signed the Flask session',
  },
  {
    name: 'Starlette',
    run: ['/usr/bin/python3', 'starlette_app.py'],
    packages: ['python3-starlette', 'python3-itsdangerous', 'uvicorn'],
    variables: ['SESSION_SECRET'],
    make: hex(32),
    text: python,
    serves: true,
    proof: 'signed the Starlette session',
  },
  {
    name: 'Tornado',
    run: ['/usr/bin/python3', 'tornado_app.py'],
    packages: ['python3-tornado'],
    variables: ['COOKIE_SECRET'],
    make: base64(32),
    text: python,
    serves: true,
    proof: 'signed the Tornado cookie',
  },
  {
    name: 'Rails',
    run: ['/usr/bin/ruby', 'rails_app.rb'],
    packages: ['ruby-railties', 'ruby', 'ruby-actionpack', 'ruby-rackup', 'ruby-webrick'],
    variables: ['SECRET_KEY_BASE'],
    make: hex(64),
    text: yaml,
    serves: true,
    proof: 'encrypted the Rails cookie',
  },
  {
    name: 'Sinatra (rack-session)',
    run: ['/usr/bin/ruby', 'sinatra_app.rb'],
    packages: ['ruby-sinatra', 'ruby-rack-session', 'ruby-rackup', 'ruby-webrick'],
    variables: ['SESSION_SECRET'],
    make: hex(64),
    text: yaml,
    serves: true,
    proof: 'encrypted the Rack session',
  },
  {
    name: 'Laravel (illuminate)',
    run: ['/usr/bin/php', 'laravel_app.php'],
    packages: ['php-illuminate-encryption', 'php-illuminate-cookie', 'php-illuminate-http', 'php8.4-cli'],
    variables: ['APP_KEY'],
    make: () => `base64:${base64(32)()}`,
    text: envFile,
    serves: false,
    proof: 'encrypted the Laravel cookie',
  },
  {
    name: 'Symfony',
    run: ['/usr/bin/php', 'symfony_app.php'],
    packages: ['php-symfony-http-foundation', 'php8.4-cli'],
    variables: ['APP_SECRET'],
    make: hex(16),
    text: envFile,
    serves: false,
    proof: 'signed the Symfony URI',
    remark: 'sessions are kept on the server: a signed link is the proof',
  },
  {
    name: 'WordPress',
    run: ['/usr/bin/php', 'wordpress_app.php'],
    packages: ['php8.4-cli'],
    unpacked: 'wordpress',
    variables: WORDPRESS_KEYS.flatMap((name) => [`${name}_KEY`, `${name}_SALT`]),
    make: characters(64, WORDPRESS),
    text: (secrets) =>
      `<?php\n${Object.entries(secrets)
        .map(([name, value]) => `define( '${name}', ${' '.repeat(16 - name.length)}'${value}' );\n`)
        .join('')}`,
    serves: false,
    remark: 'a login cookie is signed over a part of the password hash, which is no part of the cookie',
  },
  {
    name: 'Express (express-session)',
    run: ['node', 'express_app.mjs'],
    packages: [],
    modules: ['express-session', 'express'],
    variables: ['SESSION_SECRET'],
    make: hex(32),
    text: ({ SESSION_SECRET: secret }) => JSON.stringify({ session: { secret, maxAge: 60000 } }, null, 2),
    serves: true,
    proof: 'signed the Express cookie',
  },
  {
    name: 'Express (cookie-session)',
    run: ['node', 'cookie_session_app.mjs'],
    packages: [],
    modules: ['cookie-session', 'express'],
    variables: ['COOKIE_SECRET'],
    make: hex(32),
    text: ({ COOKIE_SECRET: secret }) => JSON.stringify({ cookieSession: { keys: [secret] } }, null, 2),
    serves: true,
    proof: 'signed the cookie with a keygrip signature',
  },
  {
    name: 'Koa (keygrip)',
    run: ['node', 'koa_app.mjs'],
    packages: [],
    modules: ['koa'],
    variables: ['APP_KEYS'],
    make: hex(32),
    text: envFile,
    serves: true,
    proof: 'signed the cookie with a keygrip signature',
  },
  {
    name: 'NextAuth 4',
    run: ['node', 'next_auth_app.mjs'],
    packages: [],
    modules: ['next-auth@4'],
    variables: ['NEXTAUTH_SECRET'],
    make: base64(32),
    text: envFile,
    serves: true,
    proof: 'encrypted the JSON Web Token',
    remark: 'its module for tokens in a plain server, without Next.js',
  },
  {
    name: 'Auth.js',
    run: ['node', 'auth_js_app.mjs'],
    packages: [],
    modules: ['@auth/core'],
    variables: ['AUTH_SECRET'],
    make: base64(32),
    text: envFile,
    serves: true,
    proof: 'encrypted the JSON Web Token',
    remark: 'its module for tokens in a plain server',
  },
  {
    name: 'iron-session',
    run: ['node', 'iron_session_app.mjs'],
    packages: [],
    modules: ['iron-session'],
    variables: ['SESSION_PASSWORD'],
    make: hex(32),
    text: envFile,
    serves: true,
    proof: 'encrypted the iron session',
  },
];

/** Frameworks that neither Debian nor npm has, which do not run here. */
export const NOT_RUN: readonly { name: string; remark: string }[] = [
  { name: 'PostgREST', remark: 'published vector: the JSON Web Token of a tutorial, proven' },
  { name: 'Supabase', remark: 'published vector: the demo key of its self-hosting guide, proven' },
  {
    name: 'Phoenix',
    remark: 'no published vector found: Phoenix.Token made by its source (fixtures/sessions)',
  },
  {
    name: 'ASP.NET',
    remark: 'no published vector: forms and OWIN cookies made by its source (fixtures/sessions)',
  },
  { name: 'Play, Keycloak', remark: 'no published vector found: JSON Web Tokens, as those of other issuers' },
];
