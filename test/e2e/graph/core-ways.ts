import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { planted, plantedValues, type Way, type WaysDump } from './ways.js';

const link = (way: string, name: string): Way => ({ way, name, form: 'text', group: 'link' });
/** The name is in a table of the runtime, away from the value. */
const none = (way: string, name: string): Way => ({ way, name, form: 'text', group: 'none' });
const DECOYS = ['requestId', 'etag', 'sha256', 'publicKey', 'traceId', 'cacheKey'].map(
  (name): Way => ({ way: 'decoy', name, form: 'text', group: 'decoy' }),
);

/** A program that holds values, and how it is built and run. */
export interface Holder {
  /** What has it, by name: needed to run the program. */
  needs: readonly string[];
  source: string;
  /** Command that builds it; `$source`, `$program` and `$folder` are replaced. */
  build?: readonly string[];
  run: readonly string[];
  ways: readonly Way[];
}

const python = (command: string): Holder => ({
  needs: [command],
  source: 'ways.py',
  run: [command, '$source'],
  ways: [
    link('dict', 'db.password'),
    link('large dict', 'session_secret'),
    link('dict of mixed keys', 'webhook_secret'),
    link('dict in a dict', 'api_secret'),
    link('dict of keywords', 'encryption_key'),
    link('tuple', 'client_secret'),
    link('list', 'access_token'),
    link('bytes', 'signing_secret'),
    none('attribute', 'jwt_secret'),
    ...DECOYS,
  ],
});

/** Programs by runtime; ways in the order in which each reads its values. */
export const HOLDERS = {
  Python: python('/usr/bin/python3'),
  'Python 3.11': python('/usr/bin/python3.11'),
  Ruby: {
    needs: ['ruby'],
    source: 'ways.rb',
    run: ['ruby', '$source'],
    ways: [
      link('Hash', 'db.password'),
      link('large Hash', 'session_secret'),
      link('Hash in a Hash', 'api_secret'),
      link('Array', 'client_secret'),
      none('Hash, key of a symbol', 'api_token'),
      none('instance variable', '@jwt_secret'),
      ...DECOYS,
    ],
  },
  PHP: {
    needs: ['php'],
    source: 'ways.php',
    run: ['php', '$source'],
    ways: [
      link('array', 'db.password'),
      link('packed array', 'client_secret'),
      link('array in an array', 'api_secret'),
      link('dynamic property', 'session_secret'),
      link('large array', 'access_token'),
      none('property', 'jwtSecret'),
      ...DECOYS,
    ],
  },
  Go: {
    needs: ['go'],
    source: 'ways.go',
    build: ['go', 'build', '-o', '$program', '$source'],
    run: ['$program'],
    ways: [
      link('map', 'db.password'),
      link('large map', 'session_secret'),
      link('map of interfaces', 'api_secret'),
      link('struct of name and value', 'sentry_auth_token'),
      link('array', 'client_secret'),
      link('map of bytes', 'signing_secret'),
      none('field', 'jwtSecret'),
      ...DECOYS,
    ],
  },
  Redis: {
    needs: ['redis-server', 'redis-cli'],
    source: 'ways.redis.sh',
    run: ['sh', '$source'],
    ways: [
      link('string', 'db.password'),
      link('small hash, first field', 'client_secret'),
      link('small hash, last field', 'session_secret'),
      link('large hash', 'api_secret'),
      ...DECOYS,
    ],
  },
  'C++': {
    needs: ['g++'],
    source: 'ways.cc',
    build: ['g++', '-O1', '-o', '$program', '$source'],
    run: ['$program'],
    ways: [
      link('std::map', 'db.password'),
      link('std::unordered_map', 'encryption_key_of_the_backup'),
      link('vector of pairs', 'client_secret'),
      link('struct of pointers', 'API_SECRET_KEY'),
      none('field', 'jwt_secret'),
      ...DECOYS,
    ],
  },
} as const satisfies Readonly<Record<string, Holder>>;

const FOLDER = fileURLToPath(import.meta.url).replace(/([\\/])dist\1(.*)core-ways\.js$/, '$1$2');

/** Runs a program, and writes its core into `folder`. */
export async function dumpCore(
  { source, build, run, ways }: Holder,
  folder: string,
  seed: string,
): Promise<WaysDump> {
  const places: Readonly<Record<string, string>> = {
    $source: join(FOLDER, source),
    $program: join(folder, 'program'),
    $folder: folder,
  };
  const place = (words: readonly string[]) => words.map((word) => places[word] ?? word);
  if (build !== undefined) {
    const [compiler, ...options] = place(build);
    execFileSync(compiler!, options, { stdio: 'ignore' });
  }
  const values = plantedValues(ways, seed);
  const [command, ...options] = place(run);
  const child = spawn(command!, options, { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    child.stdin.end(`${values.join('\n')}\n`);
    await once(child.stdout, 'data');
    const path = join(folder, 'core');
    execFileSync('gcore', ['-o', path, String(child.pid)], { stdio: 'ignore' });
    renameSync(`${path}.${child.pid}`, path);
    return { path, planted: planted(readFileSync(path), ways, values) };
  } finally {
    child.kill('SIGKILL');
  }
}
