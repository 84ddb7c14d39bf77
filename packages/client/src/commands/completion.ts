/** `mig completion SHELL`: a script with which a shell completes modules, commands, and their flags. */
import { AgentStatus } from '@mig/action';
import { ActionStatus } from '@mig/api';
import { flagsOf } from '@mig/module';
import { available } from '@mig/modules';
import { Misuse } from '../misuse.ts';
import { type Command, completionsOf } from './command.ts';
import { commands } from './list.ts';
import { moduleOptions } from './module-words.ts';
import { type OptionKinds, oneWord } from './read-words.ts';

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

/** What may follow a first word. All are plain words that no shell gives a meaning to. */
interface Followers {
  readonly words: readonly string[];
  /** What may follow an option; nothing where a shell offers files. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

const show = ['found', 'notfound', 'all'];
const targets = ['all', 'online', 'idle', 'offline', 'local'];
/** What may follow options that have words of their own; after others, a shell offers files. */
const knownValues: Readonly<Record<string, readonly string[]>> = {
  t: targets,
  show,
  signer: ['file', 'gpg'],
  permissions: ['read', 'read,launch', 'read,launch,admin'],
};
const statuses: Readonly<Record<string, readonly string[]>> = {
  actions: ActionStatus.options,
  agents: AgentStatus.options,
};

/** By option, what may follow it; switches are left out. */
function valuesOf(options: OptionKinds): [string, readonly string[]][] {
  const taking = Object.entries(options).filter(([, kind]) => kind !== 'switch');
  return taking.map(([name]) => [`-${name}`, knownValues[name] ?? []]);
}

function wordsAfter(): ReadonlyMap<string, Followers> {
  const ours = Object.keys(moduleOptions).map((name) => `-${name}`);
  const others = commands.map((command): [string, Followers] => {
    const { names, options = {} } = command;
    const name = names[0]!;
    const status = statuses[name] === undefined ? [] : [['-status', statuses[name]] as const];
    const file = name === '-i' ? [['-i', []] as const] : [];
    return [
      name,
      { words: [...completionsOf(command), 'help'], values: new Map([...valuesOf(options), ...status, ...file]) },
    ];
  });
  const all = new Map(others);
  for (const module of available.modules) {
    const flags = flagsOf(module);
    const words = [...ours, ...flags.map(({ name }) => `-${name}`), 'help', 'prompt'];
    const own = flags.filter(({ kind }) => kind !== 'switch');
    const choices = (hint: string) => (/^<\w+(\|\w+)+>$/.test(hint) ? hint.slice(1, -1).split('|') : []);
    // Where a name is both, the option of ours comes first on the line, and so here.
    const values = new Map([
      ...own.map(({ name, hint }): [string, readonly string[]] => [`-${name}`, choices(hint)]),
      ...valuesOf(moduleOptions),
    ]);
    const command = all.get(module.name);
    all.set(module.name, {
      words: [...new Set([...(command?.words ?? []), ...words])],
      values: new Map([...(command?.values ?? []), ...values]),
    });
  }
  return all;
}

/** Lines of a `case` in a POSIX shell: what is offered after `first option`, and after `first` alone. */
function cases(after: ReadonlyMap<string, Followers>, assign: (words: string) => string): string {
  return [...after]
    .flatMap(([first, { words, values }]) => [
      ...[...values].map(([option, offered]) => `    '${first} ${option}') ${assign(offered.join(' '))} ;;`),
      `    '${first} '*) ${assign(words.join(' '))} ;;`,
    ])
    .join('\n');
}

function bash(after: ReadonlyMap<string, Followers>): string {
  return `_mig() {
  local at=1 words=''
  if [ "\${COMP_WORDS[1]}" = --config ]; then at=3; fi
  if [ "$COMP_CWORD" -eq "$at" ]; then
    words='${[...after.keys()].join(' ')} --config'
  elif [ "$COMP_CWORD" -gt "$at" ]; then
    case "\${COMP_WORDS[at]} \${COMP_WORDS[COMP_CWORD-1]}" in
${cases(after, (words) => `words='${words}'`)}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _mig mig`;
}

function zsh(after: ReadonlyMap<string, Followers>): string {
  return `#compdef mig
_mig() {
  local -a offered
  local at=2
  if [[ "$words[2]" = --config ]]; then at=4; fi
  if (( CURRENT == at )); then
    offered=(${[...after.keys()].join(' ')} --config)
  elif (( CURRENT > at )); then
    case "$words[at] $words[CURRENT-1]" in
${cases(after, (words) => `offered=(${words})`)}
    esac
  fi
  compadd -- $offered || _files
}
if [ "$funcstack[1]" = _mig ]; then _mig "$@"; else compdef _mig mig; fi`;
}

function fish(after: ReadonlyMap<string, Followers>): string {
  const isFirst = `__mig_at 0`;
  const lines = [...after].flatMap(([first, { words, values }]) => {
    const options = [...values.keys()].join(' ');
    return [
      `complete -c mig -n '__mig_at ${first}; and not __mig_after ${options}' -a '${words.join(' ')}'`,
      ...[...values].flatMap(([option, offered]) =>
        offered.length === 0
          ? []
          : [`complete -c mig -n '__mig_at ${first}; and __mig_after ${option}' -f -a '${offered.join(' ')}'`],
      ),
    ];
  });
  return [
    '# The first word of the line is $argv[1], --config FILE left out; 0: there is none yet.',
    'function __mig_at',
    '  set -l w (commandline -opc)',
    '  if test (count $w) -gt 1; and test $w[2] = --config',
    '    set -e w[2]',
    '    set -q w[2]; and set -e w[2]; or return 1',
    '  end',
    '  if test $argv[1] = 0; test (count $w) -eq 1; return; end',
    '  test (count $w) -gt 1; and test $w[2] = $argv[1]',
    'end',
    '# The word before the cursor is one of $argv.',
    'function __mig_after',
    '  set -l w (commandline -opc)',
    '  contains -- $w[-1] $argv',
    'end',
    `complete -c mig -n '${isFirst}' -a '${[...after.keys()].join(' ')} --config'`,
    ...lines,
  ].join('\n');
}
