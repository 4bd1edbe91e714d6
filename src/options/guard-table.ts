import type { OptionRow } from './option-row.js';
export const GUARD_OPTIONS = {
  policy: {
    flag: '--policy <file>',
    type: 'path',
    help: 'the policy: which dumps may leave, and how',
    group: 'Files',
  },
  once: { flag: '--once', type: 'switch', help: 'end when nothing is left to do', group: 'Files' },
} satisfies Record<string, OptionRow>;
