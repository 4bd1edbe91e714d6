/** Policies that are refused, and the words that say what to write. */

/** Wrong policies: the lines that `BASE` gets, and the mistakes, each from the line on. */
export const WRONG: Record<string, [lines: string, mistakes: string[]]> = {
  'a misspelt field of a rule': [
    'rules: [{ exti: 0, action: pass }]',
    ['5: rule 1, field "exti": unknown field "exti" (did you mean "exit"?)'],
  ],
  'a misspelt field at the top': [
    'retian: { out: 30d }',
    ['5: field "retian": unknown field "retian" (did you mean "retain"?)'],
  ],
  'pass without exit: 0': [
    'rules:\n  - { kind: token, action: pass }\n  - { exit: [0, 1], action: pass }',
    [
      '6: rule 1, field "action": pass is only for dumps without a finding: write exit: 0 beside it',
      '7: rule 2, field "action": pass is only for dumps without a finding: write exit: 0 beside it',
    ],
  ],
  'drop by what users choose': [
    'rules:\n  - program: chrome\n    uid: 1000\n    truncated: false\n    action: drop',
    [
      '9: rule 1, field "action": drop needs a condition besides program, path and uid, which users ' +
        'choose: write one on the scan (format, size, exit, kind …), or truncated: true',
    ],
  ],
  'keep without redact': [
    'rules: [{ exit: 0, action: pass, keep: backtrace }]',
    ['5: rule 1, field "keep": is only for redact: write action: redact, or leave it out'],
  ],
  'limits of no copy': [
    'rules:\n- { exit: 1, action: redact, keep: backtrace, accept-limits: [rsa-exponents] }\n' +
      '- { exit: 1, action: redact, accept-limits: [rsa-exponentz] }',
    [
      '6: rule 1, field "accept-limits": is only for redact with keep: all, whose copy needs complete ' +
        'searches: leave it out',
      '7: rule 2, field "accept-limits": no limit has the name "rsa-exponentz": did you ' +
        'mean rsa-exponents?',
    ],
  ],
  'a copy of a cut dump with all its memory': [
    'rules: [{ truncated: true, action: redact }]',
    [
      '5: rule 1, field "truncated": a truncated dump may be quarantined, dropped, or redacted: write ' +
        'action: redact, keep: backtrace',
    ],
  ],
  'rules behind one that matches every dump': [
    'rules:\n  - { action: quarantine }\n  - { exit: 0, action: pass }',
    ['7: rule 2: is never reached: rule 1 matches every dump; move it to the end'],
  ],
  'an unknown rule, format and action': [
    'rules:\n  - { rule: private-key-pme, action: redact }\n',
    [
      '6: rule 1, field "rule": no rule that is on by default has this id: did you mean ' +
        'private-key-pem?',
    ],
  ],
};

/** Wrong in their shape: the mistake must contain these words. */
export const MISSHAPEN: Record<string, [lines: string, words: RegExp]> = {
  'an action of no name': [
    'rules: [{ action: redcat }]',
    /:5: rule 1, field "action": must be one of pass, redact, quarantine, drop: did you mean redact\?$/,
  ],
  'a format of no name': [
    'rules: [{ format: [elf-core, hporf], action: redact }]',
    /field "format": must be the name of a format, .*: did you mean hprof\?$/,
  ],
  'no action': [
    'rules: [{ exit: 0 }]',
    /rule 1, field "action": is missing: write action: pass, redact, quarantine or drop$/,
  ],
  'a size without a comparison': [
    'rules: [{ size: 1G, action: redact }]',
    /field "size": must be one or two comparisons, in quotes: ">1G"/,
  ],
  'a size without quotes': ['rules:\n  - size: >1G\n    action: redact', /:6: not YAML: /],
  'a uid by name': [
    'rules: [{ uid: root, action: quarantine }]',
    /field "uid": must be a number: `id -u NAME` prints it$/,
  ],
  'an exit status that is none': [
    'rules: [{ exit: 4, action: quarantine }]',
    /field "exit": must be 0, 1, 2 or 3$/,
  ],
  'severities as a list': [
    'rules: [{ severity: [high], action: quarantine }]',
    /field "severity": must be one of info/,
  ],
  'an empty list': ['rules: [{ format: [], action: redact }]', /field "format": is empty$/],
  'a time without a unit': [
    'limits: { time: 30 }',
    /field "limits.time": must be a number and s, m, h or d: 10s/,
  ],
  'a share of more than the disk': ['disk: 120%', /field "disk": must be a share from 1% to 95%: 20%$/],
  'a loop by halves': [
    'loop: { keep: 2 }',
    /field "loop.per": is missing: write loop: \{ keep: 2, per: 1h \}$/,
  ],
  'limits without one': [
    'limits:',
    /field "limits": must be a map: \{ time: 30m, memory: 1G, attempts: 2 \}$/,
  ],
  'too many attempts': [
    'limits: { attempts: 0 }',
    /field "limits.attempts": must be a whole number from 1 to 10$/,
  ],
  'a folder without a word on the original': [
    'watch: [{ path: /srv }]',
    /watched folder 1, field "original": is missing: write original: remove, or original: keep$/,
  ],
  'a pattern with a folder': [
    'watch: [{ path: /srv, pattern: "a/*.dmp", original: keep }]',
    /field "pattern": is about names: write a row for each folder/,
  ],
  'a folder in two rows': [
    'watch: [{ path: /srv, original: keep }, { path: /srv/, original: remove }]',
    /watched folder 2, field "path": is watched already: write one row/,
  ],
  'a notification without a command': [
    'rules: [{ exit: 0, action: pass, notify: true }]',
    /field "notify": there is no command: write notify: \[PROGRAM\] at the top$/,
  ],
  'a command that PATH would choose': [
    'notify: [mail, root]',
    /argument 1: is no path: write the whole path of the program$/,
  ],
  'a variable that is not set': [
    `identity: '$${'{NO_SUCH_NAME}'}/identity'`,
    /field "identity": the environment has no NO_SUCH_NAME: set it, or write the path itself$/,
  ],
  'a variable of no name': [
    `identity: '$${'{a b}'}/identity'`,
    /field "identity": a variable is written \$\{NAME\}/,
  ],
  'a glob that cannot be read': [
    'rules: [{ program: "[z-a]", action: quarantine }]',
    /rule 1: the glob "\[z-a\]" cannot be read: put a backslash/,
  ],
  'a rule that is no map': ['rules: [quarantine]', /rule 1: a rule is a map: \{ exit: 0, action: pass \}$/],
};
