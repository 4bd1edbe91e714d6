import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';

const root = fileURLToPath(asset('.'));
const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((page) => page !== '' && existsSync(asset(page)));

/** The text of a page without its fenced examples. */
const prose = (page: string): string =>
  readFileSync(asset(page), 'utf8').replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');

/** The name that GitHub gives a heading: letters and digits in lower case, blanks as hyphens. */
const slug = (heading: string): string =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');

function anchors(page: string): string[] {
  const names = [...prose(page).matchAll(/^#+ +(.+?) *$/gm)].map(([, heading = '']) => slug(heading));
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((each) => each === name).length;
    return before === 0 ? name : `${name}-${before}`;
  });
}

/** Links of a page to files or headings that do not exist; those with a scheme are not followed. */
function broken(page: string): string[] {
  const links = [...prose(page).matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : posix.join(posix.dirname(page), path);
    if (!existsSync(asset(target))) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchors(target).includes(anchor);
  });
}

describe('links', () => {
  test.each(pages)('%s: each leads to a file and a heading that exist', (page) => {
    expect(broken(page)).toEqual([]);
  });

  test.each([
    ['Exit status', 'exit-status'],
    ['What `--find` says, and what not', 'what---find-says-and-what-not'],
    ['[Guard](guard.md): set-up', 'guard-set-up'],
  ])('the heading %s is named %s', (heading, name) => expect(slug(heading)).toBe(name));
});
