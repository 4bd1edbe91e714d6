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

/** The room of a file of src/: its top folder, or its name where it lies at the top. */
export const roomOf = (file: string): string => posix.relative('src', file).split('/')[0] ?? '';

/** The imports that do not go from a room to itself or to one before it in a list like LAYERS, in words. */
export function violations(imports: readonly Import[], layers: readonly string[]): string[] {
  return imports.flatMap(({ from, to }) => {
    const [room, target] = [layers.indexOf(roomOf(from)), layers.indexOf(roomOf(to))];
    const unknown = [from, to].find((_, i) => [room, target][i] === -1);
    if (unknown !== undefined) return [`${from} -> ${to}: ${roomOf(unknown)} is no room of the list`];
    return target > room ? [`${from} -> ${to}: upward`] : [];
  });
}

/**
 * Groups of files that import each other in a circle (strongly connected components of more than one file, by
 * Tarjan's algorithm).
 */
export function circles(imports: readonly Import[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const path: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    low.set(file, order.get(file)!);
    path.push(file);
    for (const to of next.get(file) ?? []) {
      if (!order.has(to)) visit(to);
      if (path.includes(to)) low.set(file, Math.min(low.get(file)!, low.get(to)!));
    }
    if (low.get(file) !== order.get(file)) return;
    const circle = path.splice(path.indexOf(file));
    if (circle.length > 1) found.push(circle.toSorted());
  };
  for (const file of next.keys()) if (!order.has(file)) visit(file);
  return found;
}
