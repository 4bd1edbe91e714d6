import type { Command } from 'commander';
import { registerGuardWatch } from './guard-watch.js';
import type { Finish } from './program.js';
export function registerGuard(program: Command, finish: Finish): void {
  registerGuardWatch(program.command('guard').description('guard'), finish);
}
