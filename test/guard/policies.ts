import type { DumpFacts, ScanResult } from '../../src/guard/policy/policy.js';

/** Policies, and what becomes of dumps under each. */

/** Facts of a whole core without findings, but for some fields. */
export const scan = (fields: Partial<ScanResult> = {}): DumpFacts => ({
  truncated: false,
  scan: { size: 2 ** 20, format: 'elf-core', exit: 0, findings: [], find: [], ...fields },
});
const found = (rule: string, kind: string, severity: string) =>
  scan({ exit: 1, findings: [{ rule, kind, severity }] });
const pem = found('private-key-pem', 'private-key', 'critical');
export const cut: DumpFacts = { ...scan({ exit: 2 }), truncated: true };
export const unopened: DumpFacts = { truncated: false };
const cutUnopened: DumpFacts = { truncated: true };

/** What becomes of a dump: `action number`, where number 0 is no rule. */
type Outcome = [facts: DumpFacts, outcome: string];

export const POLICIES: Record<string, [rules: string[], outcomes: Outcome[]]> = {
  'no rule': [
    [],
    [
      [scan(), 'quarantine 0'],
      [unopened, 'quarantine 0'],
    ],
  ],
  'all quarantined': [
    ['{ action: quarantine }'],
    [
      [scan(), 'quarantine 1'],
      [cutUnopened, 'quarantine 1'],
    ],
  ],
  'clean dumps pass': [
    ['{ exit: 0, action: pass }'],
    [
      [scan(), 'pass 1'],
      [pem, 'quarantine 0'],
      [scan({ exit: 2 }), 'quarantine 0'],
      [unopened, 'quarantine 0'],
    ],
  ],
  'a clean dump that was cut does not pass': [
    ['{ exit: 0, action: pass }'],
    [[{ ...scan(), truncated: true }, 'quarantine 0']],
  ],
  'exit as a list': [
    ['{ exit: [1, 2], action: redact }'],
    [
      [pem, 'redact 1'],
      [scan(), 'quarantine 0'],
    ],
  ],
  'the first match decides': [
    ['{ exit: 1, action: redact }', '{ kind: private-key, action: quarantine }'],
    [[pem, 'redact 1']],
  ],
  'a rule that does not match is passed over': [
    ['{ exit: 0, action: pass }', '{ kind: private-key, action: redact }', '{ action: quarantine }'],
    [
      [pem, 'redact 2'],
      [scan({ exit: 2 }), 'quarantine 3'],
    ],
  ],
  'program by its path': [
    ['{ program: /usr/sbin/sshd, action: quarantine }', '{ exit: 0, action: pass }'],
    [
      [{ ...scan(), program: '/usr/sbin/sshd' }, 'quarantine 1'],
      [{ ...scan(), program: '/usr/sbin/sshd (deleted)' }, 'quarantine 1'],
      [{ ...scan(), program: '/opt/usr/sbin/sshd' }, 'pass 2'],
      [scan(), 'pass 2'],
    ],
  ],
  'program by its name': [
    ['{ program: sshd, action: quarantine }', '{ exit: 0, action: pass }'],
    [
      [{ ...scan(), program: '/opt/sbin/sshd' }, 'quarantine 1'],
      [{ ...scan(), program: '/bin/sshd2' }, 'pass 2'],
    ],
  ],
  'programs as globs': [
    ['{ program: ["/opt/**", "java*"], action: quarantine }', '{ exit: 0, action: pass }'],
    [
      [{ ...scan(), program: '/opt/a/b/c' }, 'quarantine 1'],
      [{ ...scan(), program: '/usr/bin/java17' }, 'quarantine 1'],
      [{ ...scan(), program: '/usr/bin/node' }, 'pass 2'],
    ],
  ],
  'a program of a long name matches no glob': [
    ['{ program: "**", action: redact }'],
    [
      [{ ...scan(), program: `/${'a'.repeat(5000)}` }, 'quarantine 0'],
      [{ ...scan(), program: '/a' }, 'redact 1'],
    ],
  ],
  uid: [
    ['{ uid: 0, action: quarantine }', '{ uid: [33, 1000], exit: 0, action: pass }'],
    [
      [{ ...scan(), uid: 0 }, 'quarantine 1'],
      [{ ...scan(), uid: 1000 }, 'pass 2'],
      [{ ...scan(), uid: 1 }, 'quarantine 0'],
      [scan(), 'quarantine 0'],
    ],
  ],
  'uid of a dump that was not opened': [
    ['{ uid: 33, action: quarantine, notify: true }'],
    [[{ ...unopened, uid: 33 }, 'quarantine 1']],
  ],
  'path in a watched folder': [
    ['{ path: "/srv/dumps/*.hprof", action: redact, keep: backtrace }'],
    [
      [{ ...scan(), path: '/srv/dumps/java_pid1.hprof' }, 'redact 1'],
      [{ ...scan(), path: '/srv/dumps/a/java_pid1.hprof' }, 'quarantine 0'],
      [scan(), 'quarantine 0'],
    ],
  ],
  format: [
    ['{ format: [elf-core, hprof], action: redact }', '{ format: zstd, exit: 0, action: pass }'],
    [
      [scan({ exit: 1 }), 'redact 1'],
      [scan({ format: 'zstd' }), 'pass 2'],
      [scan({ format: 'raw' }), 'quarantine 0'],
    ],
  ],
  'size above': [
    ['{ size: ">1G", action: quarantine }', '{ exit: 0, action: pass }'],
    [
      [scan({ size: 2 ** 30 + 1 }), 'quarantine 1'],
      [scan({ size: 2 ** 30 }), 'pass 2'],
    ],
  ],
  'size at most': [
    ['{ size: "<=64M", exit: 0, action: pass }'],
    [
      [scan({ size: 2 ** 26 }), 'pass 1'],
      [scan({ size: 2 ** 26 + 1 }), 'quarantine 0'],
    ],
  ],
  'size in a range': [
    ['{ size: ">= 1.5K <2K", action: redact }'],
    [
      [scan({ size: 1535 }), 'quarantine 0'],
      [scan({ size: 1536 }), 'redact 1'],
      [scan({ size: 2048 }), 'quarantine 0'],
    ],
  ],
  'rule of a finding': [
    ['{ rule: private-key-pem, action: redact }'],
    [
      [pem, 'redact 1'],
      [found('circleci-token', 'token', 'high'), 'quarantine 0'],
      [scan(), 'quarantine 0'],
    ],
  ],
  'group of rules': [
    ['{ rule: "service:*", action: redact }'],
    [
      [found('service:mailgun', 'credential', 'high'), 'redact 1'],
      [pem, 'quarantine 0'],
    ],
  ],
  'kind of a finding': [
    [
      '{ kind: [private-key, symmetric-key], action: quarantine, notify: true }',
      '{ exit: 1, action: redact }',
    ],
    [
      [pem, 'quarantine 1'],
      [found('circleci-token', 'token', 'high'), 'redact 2'],
    ],
  ],
  'severity at least': [
    ['{ severity: high, action: quarantine }', '{ exit: [0, 1], action: redact }'],
    [
      [pem, 'quarantine 1'],
      [found('circleci-token', 'token', 'high'), 'quarantine 1'],
      [found('circleci-token', 'token', 'medium'), 'redact 2'],
      [found('circleci-token', 'token', 'unheard-of'), 'redact 2'],
    ],
  ],
  'rule, kind and severity are about one finding': [
    ['{ kind: token, severity: critical, action: quarantine }', '{ exit: 1, action: redact }'],
    [
      [
        scan({
          exit: 1,
          findings: [
            { rule: 'circleci-token', kind: 'token', severity: 'low' },
            { rule: 'private-key-pem', kind: 'private-key', severity: 'critical' },
          ],
        }),
        'redact 2',
      ],
      [found('circleci-token', 'token', 'critical'), 'quarantine 1'],
    ],
  ],
  'a finding below the gate': [
    ['{ kind: token, exit: 0, action: redact }', '{ exit: 0, action: pass }'],
    [
      [scan({ findings: [{ rule: 'circleci-token', kind: 'token', severity: 'low' }] }), 'redact 1'],
      [scan(), 'pass 2'],
    ],
  ],
  'our certificate': [
    ['{ find: prod.crt, action: quarantine, notify: true }', '{ exit: 1, action: redact }'],
    [
      [scan({ exit: 1, find: ['/etc/guard/prod.crt'] }), 'quarantine 1'],
      [scan({ exit: 1 }), 'redact 2'],
    ],
  ],
  'one of our certificates': [
    ['{ find: [/a.crt, /b.crt], action: quarantine }'],
    [
      [scan({ exit: 1, find: ['/b.crt'] }), 'quarantine 1'],
      [scan({ exit: 1, find: ['/c.crt'] }), 'quarantine 0'],
    ],
  ],
  'a digest as a target': [
    [`{ find: "sha256:${'ab'.repeat(32)}", action: redact }`],
    [[scan({ exit: 1, find: [`sha256:${'ab'.repeat(32)}`] }), 'redact 1']],
  ],
  'cut dumps are redacted': [
    ['{ truncated: true, action: redact, keep: backtrace }', '{ exit: 0, action: pass }'],
    [
      [cut, 'redact 1'],
      [scan(), 'pass 2'],
      [cutUnopened, 'quarantine 0'],
    ],
  ],
  'keep: backtrace is for cut dumps, too': [
    ['{ format: elf-core, action: redact, keep: backtrace }'],
    [
      [cut, 'redact 1'],
      [scan({ exit: 1 }), 'redact 1'],
    ],
  ],
  'keep: all is not for cut dumps': [
    ['{ format: elf-core, action: redact }', '{ truncated: true, action: quarantine, notify: true }'],
    [
      [cut, 'quarantine 2'],
      [scan({ exit: 1 }), 'redact 1'],
    ],
  ],
  'drop of cut dumps, opened or not': [
    ['{ program: chrome, truncated: true, action: drop }'],
    [
      [{ ...cut, program: '/usr/bin/chrome' }, 'drop 1'],
      [{ ...cutUnopened, program: '/usr/bin/chrome' }, 'drop 1'],
      [{ ...unopened, program: '/usr/bin/chrome' }, 'quarantine 0'],
    ],
  ],
  'drop of small raw files': [
    ['{ format: raw, size: "<4K", action: drop }'],
    [
      [scan({ format: 'raw', size: 100 }), 'drop 1'],
      [{ ...scan({ format: 'raw', size: 100 }), truncated: true }, 'drop 1'],
      [unopened, 'quarantine 0'],
    ],
  ],
};
