/** `mig modules`: what can be asked. */
import { describeModule, isPersistent } from '@mig/module';
import { available } from '@mig/modules';
import { Misuse } from '../misuse.ts';
import type { Command } from './command.ts';

export const modules: Command = {
  names: ['modules'],
  usage: 'mig modules [-json | -json-schema]',
  summary: 'Lists the modules; -json-schema prints their schemas.',
  words: ['-json', '-json-schema'],
  help: [
    'mig modules [-json | -json-schema]',
    '',
    '-json prints names, summaries and platforms; -json-schema the schemas of parameters, elements and statistics.',
    '',
    'Examples:',
    '  mig modules',
    '  mig modules -json-schema | jq \'.[] | select(.name == "file")\'',
  ],
  async run(words, terminal) {
    const options = words.map((word) => word.replace(/^--/, '-'));
    const wrong = options.find((word) => !['-json', '-json-schema'].includes(word));
    if (wrong !== undefined) throw new Misuse(`modules: expected -json or -json-schema, got '${wrong}'`);
    if (options.includes('-json-schema'))
      terminal.print(JSON.stringify(available.modules.map(describeModule), null, 2));
    else if (options.includes('-json')) {
      terminal.print(
        JSON.stringify(
          available.modules.map((module) => {
            const { name, summary, platforms } = module;
            return { name, summary, platforms, persistent: isPersistent(module) };
          }),
        ),
      );
    } else printList(terminal.print);
    return 0;
  },
};

function printList(print: (line: string) => void): void {
  const width = Math.max(...available.modules.map(({ name }) => name.length));
  for (const module of available.modules) {
    const { name, summary, platforms } = module;
    const kind = isPersistent(module) ? 'stays with the agent; ' : '';
    print(`${name.padEnd(width)}  ${summary} (${kind}${platforms.join(', ')})`);
  }
}
