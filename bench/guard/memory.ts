import { readFileSync } from 'node:fs';

/** Memory of a process and all below it, in KiB: shared pages by their part (PSS), or each time (RSS). */
export function memoryBelow(pid: number): { pss: number; rss: number } {
  const sum = { pss: 0, rss: 0 };
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    sum.pss = Number(/^Pss:\s+(\d+)/m.exec(text)![1]);
    sum.rss = Number(/^Rss:\s+(\d+)/m.exec(text)![1]);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
    for (const child of children.split(' ').filter(Boolean)) {
      const below = memoryBelow(Number(child));
      sum.pss += below.pss;
      sum.rss += below.rss;
    }
  } catch {
    // It has ended meanwhile.
  }
  return sum;
}
