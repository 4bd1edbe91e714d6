import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Writes dist/sbom.cdx.json: the packages that are bundled with this one, as CycloneDX.
 * `npm sbom --omit=dev` leaves out those that development uses as well, so all are asked for, and those kept
 * that the lock file calls bundled.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const read = (name) => JSON.parse(readFileSync(`${root}${name}`, 'utf8'));

const { name } = read('package.json');
const bundled = new Set(
  Object.entries(read('package-lock.json').packages)
    .filter(([, { inBundle }]) => inBundle)
    .map(
      ([path, { version }]) =>
        `${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version}`,
    ),
);
const npm = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application'];
const all = JSON.parse(execFileSync('npm', npm, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 }));
const own = all.metadata.component['bom-ref'];
const isKept = (reference) => reference === own || bundled.has(reference);
/** Npm 10 lists a package once for each place in which it is installed, also under other names. */
const onceEach = (all, nameOf) => [...new Map(all.map((each) => [nameOf(each), each])).values()];
const hasOwnName = ({ name, version, 'bom-ref': ref }) => ref === `${name}@${version}`;
const bill = {
  ...all,
  // Npm names it by its folder.
  metadata: { ...all.metadata, component: { ...all.metadata.component, name } },
  components: onceEach(all.components.filter(hasOwnName), (component) => component['bom-ref']).filter(
    (component) => bundled.has(component['bom-ref']),
  ),
  dependencies: onceEach(all.dependencies, ({ ref }) => ref)
    .filter(({ ref }) => isKept(ref))
    .map((each) => ({ ...each, dependsOn: each.dependsOn.filter(isKept) })),
};
if (bill.components.length !== bundled.size)
  throw new Error(`${bundled.size} packages are bundled, and the list has ${bill.components.length}`);
mkdirSync(`${root}dist`, { recursive: true });
writeFileSync(`${root}dist/sbom.cdx.json`, `${JSON.stringify(bill, undefined, 2)}\n`);
