/** `mig completion SHELL`: a script with which a shell completes modules, commands, and their flags. */
import { flagsOf } from '@mig/module';
import { available } from '@mig/modules';
import { Misuse } from '../misuse.ts';
import type { Command } from './command.ts';
import { commands } from './list.ts';
import { moduleOptions } from './module-words.ts';
import { oneWord } from './read-words.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

export const completion: Command = {
  names: ['completion'],
  usage: 'mig completion bash|zsh|fish',
  summary: 'Prints a script for completion in your shell.',
  words: shells,
  help: [
    'Examples:',
    '  mig completion bash > ~/.local/share/bash-completion/completions/mig',
    '  mig completion zsh > ~/.zfunc/_mig      with fpath=(~/.zfunc $fpath) before compinit in .zshrc',
    '  mig completion fish > ~/.config/fish/completions/mig.fish',
  ],
  async run(words, terminal) {
    const shell = oneWord('completion', words, shells.join(', '));
    const script = { bash, zsh, fish }[shell];
    if (script === undefined) throw new Misuse(`completion: expected ${shells.join(', ')}, got '${shell}'`);
    terminal.print(script(wordsAfter()));
    return 0;
  },
};

/** What may follow each first word. All are plain words that no shell gives a meaning to. */
function wordsAfter(): ReadonlyMap<string, readonly string[]> {
  const ours = Object.keys(moduleOptions).map((name) => `-${name}`);
  const modules = available.modules.map((module): [string, string[]] => [
    module.name,
    [...new Set([...ours, ...flagsOf(module).map(({ name }) => `-${name}`), 'help', 'prompt'])],
  ]);
  const others = commands.map(({ names, words = [] }): [string, string[]] => [names[0]!, [...words, 'help']]);
  const after = new Map(modules);
  for (const [name, words] of others) after.set(name, [...new Set([...words, ...(after.get(name) ?? [])])]);
  return after;
}

function bash(after: ReadonlyMap<string, readonly string[]>): string {
  return `_mig() {
  local words='${[...after.keys()].join(' ')}'
  if [ "$COMP_CWORD" -gt 1 ]; then
    case "\${COMP_WORDS[1]}" in
${cases(after, (words) => `words='${words}'`)}
      *) words='' ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _mig mig`;
}

function zsh(after: ReadonlyMap<string, readonly string[]>): string {
  return `#compdef mig
_mig() {
  local -a offered
  offered=(${[...after.keys()].join(' ')})
  if (( CURRENT > 2 )); then
    case "$words[2]" in
${cases(after, (words) => `offered=(${words})`)}
      *) offered=() ;;
    esac
  fi
  compadd -- $offered || _files
}
if [ "$funcstack[1]" = _mig ]; then _mig "$@"; else compdef _mig mig; fi`;
}

function cases(after: ReadonlyMap<string, readonly string[]>, assign: (words: string) => string): string {
  return [...after].map(([first, words]) => `      ${first}) ${assign(words.join(' '))} ;;`).join('\n');
}

function fish(after: ReadonlyMap<string, readonly string[]>): string {
  const isFirst = `test (count (commandline -opc)) -eq 1`;
  const isAfter = (first: string) => `set -l w (commandline -opc); test (count $w) -gt 1; and test $w[2] = ${first}`;
  return [
    `complete -c mig -n '${isFirst}' -a '${[...after.keys()].join(' ')}'`,
    ...[...after].map(([first, words]) => `complete -c mig -n '${isAfter(first)}' -a '${words.join(' ')}'`),
  ].join('\n');
}
