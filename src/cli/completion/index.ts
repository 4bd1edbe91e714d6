import type { Command } from 'commander';
import { bash } from './bash.js';
import { fish } from './fish.js';
import { type CompletedVerb, completedVerb } from './model.js';
import { powershell } from './powershell.js';
import type { Shell } from './shells.js';
import { zsh } from './zsh.js';

const writers: Readonly<Record<Shell, (program: CompletedVerb) => string>> = { bash, zsh, fish, powershell };

/** The completion script of a shell for a program. */
export function completionScript(shell: Shell, program: Command): string {
  return writers[shell](completedVerb(program));
}
