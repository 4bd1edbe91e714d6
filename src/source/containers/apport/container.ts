import { type ContainerRow, listedLater, starts, text } from '../decoding/container.js';

/** Crash reports of Ubuntu: text, with the core and other files in base64. */
export const apport: ContainerRow = {
  name: 'apport',
  treatment: listedLater(async () => (await import('./apport.js')).listApport),
  // Keys come in any order, but for this one, which problem_report.py writes first.
  probe: (head) =>
    starts('ProblemType:')(head) ||
    /^[A-Za-z][\w.-]*: base64\n [A-Za-z0-9+/]/.test(text(head, 0, Math.min(40, head.length))),
};
