/**
 * `mig-console`: the investigator's console. It shows how the fleet is, asks for orders and runs them until it is left;
 * through a pipe it reads orders from standard input, one a line. Exit status: 0 done, 1 failed, 2 wrongly used.
 */
import { version } from './commands/version.ts';
import { createConsole } from './console/console.ts';
import { baseMode } from './console/modes/base.ts';
import { createContext } from './context.ts';
import { explain } from './explain.ts';
import { Misuse } from './misuse.ts';
import { standardTerminal } from './terminal/terminal.ts';

const usage = [
  'usage: mig-console [--config FILE]',
  '',
  'Looks at the fleet, makes, launches and follows actions, reads what agents answered. help lists what can be typed.',
  'Orders can come through a pipe, one a line; the first that fails ends it, with exit status 1.',
  '',
  'Examples:',
  '  mig-console',
  "  echo 'search actions where status=inprogress' | mig-console",
];

export async function main(given: readonly string[]): Promise<number> {
  const terminal = standardTerminal(process.stdout);
  try {
    let aside: (work: () => Promise<never>) => Promise<never> = (work) => work();
    const { words, context } = createContext(given, process.env, terminal, (work) => aside(work as never));
    const [word] = words;
    if (word !== undefined && /^(-{1,2}h(elp)?|help)$/.test(word)) {
      for (const line of usage) terminal.print(line);
      return 0;
    }
    if (word !== undefined && /^(-V|-{1,2}version|version)$/.test(word)) {
      return await version.run([], terminal, context);
    }
    if (word !== undefined) throw new Misuse(`expected only --config FILE, got '${words.join(' ')}': -h says more`);
    const platform = await context.platform();
    const opened = createConsole(context, terminal);
    aside = opened.aside;
    try {
      return await opened.run(baseMode, platform);
    } finally {
      await platform.close();
    }
  } catch (error) {
    for (const line of explain(error)) terminal.complain(`mig-console: ${line}`);
    return error instanceof Misuse ? 2 : 1;
  }
}
