import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type * as fleet from '../../fleet/src/index.js';
import { asset, readAsset } from '../core/base/runtime/assets.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';

export type Fleet = typeof fleet;

/** The package is looked for in a checkout and beside this package: never in the working folder. */
const PLACES = ['fleet/', '../dumpsieve-fleet/'];

const hint =
  'it is in a checkout of dumpsieve (npm ci), and in a release as dumpsieve-fleet-VERSION.tgz, which ' +
  'npm install puts beside dumpsieve';

const versionOf = (manifest: Buffer): string =>
  (JSON.parse(manifest.toString()) as { version: string }).version;

/** The package with the libraries that `hunt` needs. Throws if it is missing (exit 3). */
export async function loadFleet(): Promise<Fleet> {
  const folder = PLACES.map(asset).find((place) => existsSync(new URL('package.json', place)));
  if (folder === undefined)
    throw new DumpsieveError({
      code: 'fleet-missing',
      message: 'hunt needs the package dumpsieve-fleet, which is not installed beside this one',
      hint,
    });
  requireSameVersion(versionOf(readFileSync(new URL('package.json', folder))));
  const entry = new URL('dist/index.js', folder);
  if (!existsSync(entry))
    throw new DumpsieveError({
      code: 'fleet-not-built',
      message: 'the package dumpsieve-fleet is not built in this checkout',
      hint: 'npm run build',
    });
  const load = createRequire(import.meta.url)(fileURLToPath(asset('bin/import.js'))) as (
    url: string,
  ) => Promise<Fleet>;
  const module = await load(entry.href);
  module.useHost(await import('../index.js'));
  return module;
}

function requireSameVersion(found: string): void {
  const own = versionOf(readAsset('package.json'));
  if (found === own) return;
  throw new DumpsieveError({
    code: 'fleet-of-other-version',
    message: `dumpsieve-fleet is of version ${found}, dumpsieve of ${own}`,
    hint,
  });
}
