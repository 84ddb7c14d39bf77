/** Wrong use is told before anything else is looked at: no configuration is read and no platform asked. */
import { available } from '@mig/modules';
import { expect, test } from 'vitest';
import { Misuse } from '../misuse.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Context } from './command.ts';
import { commands } from './list.ts';
import { runModuleCommand } from './module.ts';

/** By the first word: what follows it, and what is said of that. */
const wrong: Readonly<Record<string, readonly (readonly [words: string, said: string])[]>> = {
  up: [['now', "up: expected only options, got 'now'"]],
  init: [
    ['-signer pen', "init: -signer: expected file or gpg, got 'pen'"],
    ['here', "init: expected only options, got 'here'"],
  ],
  key: [
    ['', 'key: expected '],
    ['lose', "got 'lose'"],
    ['create Dana', 'key create: expected only options'],
    ['import', 'key import: expected '],
    ['export a b', "key export: expected one key, got 'a b'"],
    ['list all', 'key list: expected only options'],
  ],
  '-i': [
    ['', '-i: expected one file, got nothing'],
    ['a.json b.json', "-i: expected one file, got 'a.json b.json'"],
    ['a.json -e soon', "-e: expected a duration such as 90s, 5m, 1h30m or 2d, got 'soon'"],
    ['a.json -show some', "-show: expected found, notfound or all, got 'some'"],
    ['a.json -target-found zz', "-target-found: expected an action's id"],
  ],
  actions: [
    ['all', "actions: expected only options, got 'all'"],
    ['-status done', "actions: -status: expected pending, inprogress, finished, cancelled, got 'done'"],
    ['-n 0', "actions: -n: expected a whole number from 1, or all, got '0'"],
    ['-n 1.5', "actions: -n: expected a whole number from 1, or all, got '1.5'"],
    ['-by', 'actions: -by: expected a value after it, got nothing'],
  ],
  action: [
    ['', "action: expected an action's id, got nothing"],
    ['0194 0195', "action: expected an action's id, got '0194 0195'"],
    ['web', "expected an action's id, or at least 4 of its first or last characters, got 'web'"],
    ['0194 -follow -missing', 'action: expected one of -envelope, -follow and -missing, got several'],
    ['0194 -show all', 'action: -show: expected with -follow'],
    ['0194 -follow -show some', "-show: expected found, notfound or all, got 'some'"],
  ],
  results: [
    ['', "results: expected an action's id, got nothing"],
    ['web', "expected an action's id, or at least 4"],
    ['0194 -csv -json', 'results: expected one of -json, -csv and -ndjson, got several'],
    ['0194 -f -json', 'results: -f prints lines, or objects with -ndjson'],
    ['0194 -show some', "-show: expected found, notfound or all, got 'some'"],
  ],
  cancel: [
    ['', "cancel: expected an action's id, got nothing"],
    ['web', "expected an action's id, or at least 4"],
  ],
  agents: [
    ['web1', "agents: expected only options, got 'web1'"],
    ['-status here', "agents: -status: expected online, idle, offline, destroyed, got 'here'"],
  ],
  macros: [
    ['set web', 'macros: expected set NAME TARGET, delete NAME, or nothing, got'],
    ['set WEB true', 'macros set: expected the name of a macro'],
    ['delete', 'macros: expected set NAME TARGET'],
    [
      'delete a/b',
      "macros delete: expected the name of a macro: up to 64 of a-z, 0-9, '_' and '-', the first a letter",
    ],
    ['list all', 'macros: expected'],
  ],
  alerts: [
    ['web1', "alerts: expected only options, got 'web1'"],
    ['-n some', "alerts: -n: expected a whole number from 1, or all, got 'some'"],
  ],
  investigators: [
    ['remove dana', "investigators: expected list, add, self, permit, enable, disable, got 'remove'"],
    ['list dana', "investigators: expected only options, got 'dana'"],
    ['self dana', 'investigators self: expected only options'],
    ['add -name Dana', 'investigators add: expected -name NAME and -key FILE'],
    ['add -name Dana -key /no/such/file -permissions all', '-permissions: expected some of'],
    ['permit dana', 'investigators permit: expected -permissions'],
    ['permit dana -permissions all', '-permissions: expected some of'],
    ['permit -permissions read', 'investigators permit: expected an investigator, got nothing'],
    ['enable', 'investigators enable: expected an investigator, got nothing'],
    ['disable', 'investigators disable: expected an investigator, got nothing'],
  ],
  apikey: [
    ['', 'apikey: expected create, list or delete, got nothing'],
    ['make', "apikey: expected create, list or delete, got 'make'"],
    ['create', 'apikey create: expected a name for the key, got nothing'],
    ['create x -expires soon', "-expires: expected a duration such as 90s, 5m, 1h30m or 2d, got 'soon'"],
    ['delete one', "apikey delete: expected an API key's id"],
    ['list mine', "apikey list: expected only options, got 'mine'"],
  ],
  token: [
    ['', 'token: expected create, list or delete, got nothing'],
    ['make', "token: expected create, list or delete, got 'make'"],
    ['create web', "token create: expected only options, got 'web'"],
    ['create -uses none', "-uses: expected a number from 1, got 'none'"],
    ['create -tags web', "-tags: expected name=value,…, got 'web'"],
    ['create -expires soon', "-expires: expected a duration such as 90s, 5m, 1h30m or 2d, got 'soon'"],
    ['delete one', "token delete: expected a token's id"],
    ['list all', 'token list: expected only options'],
  ],
  'agent-package': [
    ['', 'agent-package: expected -out DIR'],
    ['web', "agent-package: expected only options, got 'web'"],
    ['-out web -server http://x', 'agent-package: -server: expected a URL such as https://'],
    ['-out web -tags team', "-tags: expected name=value,…, got 'team'"],
    ['-out web -expires soon', "-expires: expected a duration such as 90s, 5m, 1h30m or 2d, got 'soon'"],
  ],
  audit: [
    ['', 'audit: expected verify or list, got nothing'],
    ['show', "audit: expected verify or list, got 'show'"],
    ['list all', "audit list: expected only options, got 'all'"],
    ['verify a b', "audit verify: expected only options, got 'b'"],
  ],
  modules: [['file', "modules: expected only options, got 'file'"]],
  completion: [
    ['', 'completion: expected bash, zsh, fish, got nothing'],
    ['csh', "completion: expected bash, zsh, fish, got 'csh'"],
  ],
  version: [['now', "version: expected only options, got 'now'"]],
};
/** What has no wrong use: it explains whatever word follows. */
const forgiving = ['help'];

test('every command has its cases here', () => {
  expect([...Object.keys(wrong), ...forgiving]).toEqual(commands.map(({ names }) => names[0]));
});

const cases = Object.entries(wrong).flatMap(([name, some]) =>
  some.map(([words, said]) => [name, words, said] as const),
);

test.each(cases)('mig %s %s', async (name, words, said) => {
  const command = commands.find(({ names }) => names.includes(name))!;
  const split = words.split(' ').filter((word) => word !== '');
  await expectMisuse(async () => command.run(split, silent, untouched()), said);
});

test.each([
  ['', 'expected -t local for this machine, or -t with a condition or a macro such as online, got no target'],
  ['-t online -e soon -path /etc -name x', "-e: expected a duration such as 90s, 5m, 1h30m or 2d, got 'soon'"],
  ['-t online -target-found web -path /etc -name x', "-target-found: expected an action's id"],
  ['-t online -pth /etc', 'did you mean -path?'],
])('mig file %s', async (words, said) => {
  const split = words.split(' ').filter((word) => word !== '');
  const file = available.find('file')!;
  await expectMisuse(() => runModuleCommand(file, split, silent, untouched()), said, Error);
});

/** That `run` throws Misuse, or another `kind`, and says `said`. */
async function expectMisuse(
  run: () => Promise<unknown>,
  said: string,
  kind: new (message: string) => Error = Misuse,
): Promise<void> {
  const error = await run().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(String((error as Error | undefined)?.message)).toContain(said);
  expect(error).toBeInstanceOf(kind);
}

const silent: Terminal = { print: () => {}, remark: () => {}, complain: () => {}, progress: () => {} } as Terminal;

/** A context that nothing may be taken from. */
function untouched(): Context {
  return new Proxy({} as Context, {
    get: (_, part) => {
      // Where its files would be: nothing is read by that.
      if (part === 'places') return {};
      throw new Error(`the ${String(part)} of the context were looked at first`);
    },
  });
}
