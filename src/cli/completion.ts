import { Argument, type Command } from 'commander';
import { SHELLS, type Shell } from './completion/shells.js';
import type { Finish } from './help.js';
import { addExamples } from './help.js';
import { print } from './print.js';

export function registerCompletion(program: Command, finish: Finish): void {
  const command = program
    .command('completion')
    .description('print a script that completes verbs, flags and files in a shell')
    .addArgument(new Argument('<shell>', 'shell to write for').choices(SHELLS));
  addExamples(command, [
    ['source <(dumpsieve completion bash)', 'in ~/.bashrc'],
    ['source <(dumpsieve completion zsh)', 'in ~/.zshrc, after compinit'],
    ['dumpsieve completion fish | source', 'in ~/.config/fish/config.fish'],
    ['dumpsieve completion powershell | Out-String | Invoke-Expression', 'in $PROFILE'],
  ]).action(async (shell: Shell) => {
    const { completionScript } = await import('./completion/index.js');
    print(completionScript(shell, program));
    finish(0);
  });
}
