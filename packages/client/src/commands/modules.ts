/** `mig modules`: what can be asked. */
import { describeModule, isPersistent } from '@mig/module';
import { available } from '@mig/modules';
import type { Command } from './command.ts';
import { noWords, readWords } from './read-words.ts';

const kinds = { json: 'switch', 'json-schema': 'switch' } as const;

export const modules: Command = {
  names: ['modules'],
  usage: 'mig modules [-json | -json-schema]',
  summary: 'Lists the modules; -json-schema prints their schemas.',
  options: kinds,
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
    const { options, others } = readWords('modules', words, kinds);
    noWords('modules', others);
    if (options['json-schema']) terminal.print(JSON.stringify(available.modules.map(describeModule), null, 2));
    else if (options.json) {
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
