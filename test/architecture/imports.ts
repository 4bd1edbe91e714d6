import { posix } from 'node:path';

/** One import or re-export of a module of src/, by paths from the package's root. */
export interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

const NAMED = /^\s*(?:import|export)\s+(type\s)?([^'";]*?)from\s+'(\.[^']+)'/gm;
const SIDE_EFFECT = /^\s*import\s+'(\.[^']+)'/gm;
const DYNAMIC = /import\(\s*'(\.[^']+)'\s*\)/g;

/** True for `{ type A, type B }`. */
function onlyTypes(clause: string): boolean {
  const names = /^\{(.*)\}$/s.exec(clause.trim())?.[1]?.split(',') ?? [];
  const given = names.map((name) => name.trim()).filter((name) => name !== '');
  return given.length > 0 && given.every((name) => name.startsWith('type '));
}

/** The modules of src/ that a file imports. */
export function importsOf(file: string, text: string): Import[] {
  const to = (path: string) => posix.join(posix.dirname(file), path).replace(/\.js$/, '.ts');
  return [
    ...[...text.matchAll(NAMED)].map(([, type, clause = '', path = '']) => ({
      from: file,
      to: to(path),
      typeOnly: type !== undefined || onlyTypes(clause),
    })),
    ...[...text.matchAll(SIDE_EFFECT), ...text.matchAll(DYNAMIC)].map(([, path = '']) => ({
      from: file,
      to: to(path),
      typeOnly: false,
    })),
  ];
}

/** The room of a file of src/: its folder, or its name where it lies at the top. */
export function roomOf(file: string): string {
  const inside = posix.relative('src', file);
  return inside.includes('/') ? posix.dirname(inside) : inside;
}

/** What each import breaks of a table like LAYERS, in words. */
export function violations(
  imports: readonly Import[],
  layers: Readonly<Record<string, readonly string[]>>,
): string[] {
  const order = Object.keys(layers);
  return imports.flatMap(({ from, to, typeOnly }) => {
    const [room, target] = [roomOf(from), roomOf(to)];
    if (room === target) return [];
    const arrow = `${from} -> ${to}`;
    if (!order.includes(room)) return [`${arrow}: ${room} is no room of the table`];
    if (!order.includes(target)) return [`${arrow}: ${target} is no room of the table`];
    if (order.indexOf(target) > order.indexOf(room)) return [`${arrow}: upward`];
    if (!typeOnly && !layers[room]?.includes(target)) return [`${arrow}: not in the row of ${room}`];
    return [];
  });
}
