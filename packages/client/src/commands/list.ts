/** The commands of `mig`, in the order of its help. */
import type { Command } from './command.ts';
import { help } from './help.ts';
import { modules } from './modules.ts';
import { version } from './version.ts';

export const commands: readonly Command[] = [modules, version, help];
