import { describe, expect, test } from '@jest/globals';
import { markdownText } from '../../src/report/markdown.js';
import { artifact, find, finding, notCounted, run, summary } from './events.js';
import { render } from './render.js';

/** Rows of the table of findings, below that of the totals. */
const findingRows = (text: string): number =>
  text.split('### Findings')[1]?.match(/^\| high /gm)?.length ?? 0;

describe('markdown', () => {
  test('a name cannot become markup', () => {
    expect(markdownText('a|b <script> [x](y) `c` **d** http://e @f')).toBe(
      'a&#124;b &lt;script&gt; &#91;x&#93;&#40;y&#41; &#96;c&#96; &#42;&#42;d&#42;&#42; http&#58;//e &#64;f',
    );
  });

  test('stays below the size of a job summary', () => {
    const long = 'x'.repeat(5_000);
    const each = finding({ title: long, rotate: long, location: { ...finding().location, path: long } });
    const text = render('markdown', [
      run(),
      artifact(),
      ...Array.from({ length: 2_000 }, () => each),
      summary(),
    ]);
    expect(text.length).toBeLessThan(2 ** 20);
    const rows = findingRows(text);
    expect(rows).toBeGreaterThan(50);
    expect(text).toContain(`and ${(2_000 - rows).toLocaleString('en')} further findings that fail the gate.`);
  });

  test('stays below it for any names from a dump, and counts what is left out', () => {
    // Each of these takes five bytes when escaped; 😀 takes four.
    const hostile = '_😀'.repeat(200);
    const path = `dumps/${hostile}`;
    const region = { kind: 'environment' as const, name: hostile };
    const each = finding({
      title: hostile,
      rotate: hostile,
      location: { ...finding().location, path, region },
    });
    const many = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);
    const warnings = many(300, { code: 'odd', message: hostile });
    const results = many(20, { artifact: 0, status: 'present' as const, forms: [hostile], complete: true });
    const answer = find({ name: hostile, results });
    const text = render('markdown', [
      run(),
      artifact({ path, warnings }),
      ...many(2_000, each),
      ...many(600, answer),
      summary(),
    ]);
    expect(Buffer.byteLength(text)).toBeLessThan(2 ** 20);
    const rows = findingRows(text);
    expect(rows).toBeGreaterThan(50);
    expect(text).toContain(`and ${(2_000 - rows).toLocaleString('en')} further findings that fail the gate.`);
    const listed = text.match(/\| PRESENT \|/g)!.length;
    expect(listed).toBeGreaterThan(20);
    expect(text).toContain(`- and ${500 - listed} further answers`);
    expect(text).toContain(`- and ${(600 * 20 - 500).toLocaleString('en')} further answers not absent`);
    const warned = text.match(/^- dumps/gm)?.length ?? 0;
    expect(text).toContain(`- and ${300 - warned} more`);
  });

  test('findings that do not count are one sentence', () => {
    const text = render('markdown', [
      run(),
      artifact(),
      notCounted('expired'),
      notCounted('expired'),
      summary(),
    ]);
    expect(text).toContain('Found, and does not fail the gate: 2 expired.');
    expect(text).not.toContain('| Severity');
  });

  test('totals come first, then what to do, once a kind', () => {
    const [one, two] = [{ title: 'Acme token' }, { title: 'Beta token', rotate: 'revoke it' }];
    const elsewhere = { ...finding().occurrences[0]!, artifact: 1 };
    const text = render('markdown', [
      ...[run(), artifact(), artifact({ path: 'b' })],
      ...[finding(one), finding({ ...one, occurrences: [elsewhere] }), finding(two)],
      summary(),
    ]);
    expect(text).toContain('| high | Acme token | 2 | 2 |\n| high | Beta token | 1 | 1 |\n');
    expect(text.match(/revoke under Settings/g)).toHaveLength(1);
    expect(text).toContain('- **Beta token**: revoke it\n');
    const order = ['| Number |', '### What to do first', '### Findings'].map((part) => text.indexOf(part));
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  test('kinds beyond the first are counted', () => {
    const each = Array.from({ length: 500 }, (_, i) => finding({ title: `t${i}`, rotate: `r${i}` }));
    const text = render('markdown', [run(), artifact(), ...each, summary()]);
    expect(text).toContain('\nand 490 further kinds.\n');
    expect(text.match(/^- \*\*t/gm)).toHaveLength(10);
  });
});
