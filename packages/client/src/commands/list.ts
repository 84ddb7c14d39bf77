/** The commands of `mig`, in the order of its help. */
import { action } from './action.ts';
import { actions } from './actions.ts';
import { agentPackage } from './agent-package.ts';
import { agents } from './agents.ts';
import { alerts } from './alerts.ts';
import { apiKey } from './api-key.ts';
import { audit } from './audit.ts';
import { cancel } from './cancel.ts';
import type { Command } from './command.ts';
import { completion } from './completion.ts';
import { fromFile } from './from-file.ts';
import { help } from './help.ts';
import { init } from './init.ts';
import { investigators } from './investigators.ts';
import { key } from './key.ts';
import { macros } from './macros.ts';
import { modules } from './modules.ts';
import { results } from './results.ts';
import { token } from './token.ts';
import { up } from './up.ts';
import { version } from './version.ts';

export const commands: readonly Command[] = [
  up,
  init,
  key,
  fromFile,
  actions,
  action,
  results,
  cancel,
  agents,
  macros,
  alerts,
  investigators,
  apiKey,
  token,
  agentPackage,
  audit,
  modules,
  completion,
  version,
  help,
];
