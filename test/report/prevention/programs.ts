import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../../../src/core/base/runtime/assets.js';
import { compile, compiled } from '../../e2e/bare/program.js';
import { program } from '../../support/programs.js';

/** Path of a program's source. */
export const source = (name: string): string =>
  join(fileURLToPath(asset('test/report/prevention/sources')), name);

/** A C program, compiled once at -O2. `libraries`: names of files; the sources declare what they need. */
export function cProgram(name: string, ...libraries: readonly string[]): string {
  return compiled(name, (folder) => {
    const path = join(folder, name);
    const linked = libraries.map((library) => `-l:${library}`);
    compile(program('gcc'), ['-O2', '-w', '-o', path, source(`${name}.c`), ...linked]);
    return path;
  });
}
