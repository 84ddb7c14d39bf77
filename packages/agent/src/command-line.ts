/** The words that follow `mig-agent`, as a command. What is not about one module is left to the bundle of the daemon. */

export type Command =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'misuse'; readonly message: string }
  | {
      readonly kind: 'module';
      readonly name: string;
      readonly isForPeople: boolean;
      readonly isOwned: boolean;
      readonly stateDirectory: string | undefined;
    }
  | { readonly kind: 'instance'; readonly name: string; readonly socketPath: string | undefined }
  | { readonly kind: 'daemon'; readonly words: readonly string[] };

/** Reads `words`. What cannot be understood is a `misuse` with a message for people. */
export function parseWords(words: readonly string[]): Command {
  const plain = words.map((word) => word.replace(/^--/, '-'));
  if (plain.some((word) => word === '-h' || word === '-help') || plain[0] === 'help') return { kind: 'help' };
  if (plain.some((word) => word === '-V' || word === '-version')) return { kind: 'version' };
  if (plain.includes('-P')) return parseInstanceWords(plain);
  if (!plain.includes('-m') && !plain.includes('-p')) return { kind: 'daemon', words };
  return parseModuleWords(plain);
}

function parseInstanceWords(words: readonly string[]): Command {
  const values: { '-P'?: string; '-socket'?: string } = {};
  for (let at = 0; at < words.length; at += 2) {
    const word = words[at]!;
    const value = words[at + 1];
    if (word !== '-P' && word !== '-socket') {
      return { kind: 'misuse', message: `with -P, expected -socket, got '${word}'` };
    }
    if (value === undefined)
      return { kind: 'misuse', message: `${word}: expected ${whatFollows[word]} after it, got nothing` };
    values[word] = value;
  }
  return { kind: 'instance', name: values['-P']!, socketPath: values['-socket'] };
}

const whatFollows = {
  '-m': 'the name of a module',
  '-P': 'the name of a module that stays',
  '-socket': 'the path of the socket to make',
  '-state-dir': 'the state directory of the agent',
} as const;

function parseModuleWords(words: readonly string[]): Command {
  let name: string | undefined;
  let isForPeople = false;
  let isOwned = false;
  let stateDirectory: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '-p') isForPeople = true;
    else if (word === '-owned') isOwned = true;
    else if (word === '-m' || word === '-state-dir') {
      const value = words[++at];
      if (value === undefined) {
        return { kind: 'misuse', message: `${word}: expected ${whatFollows[word]} after it, got nothing` };
      }
      if (word === '-m') name = value;
      else stateDirectory = value;
    } else return { kind: 'misuse', message: `with -m, expected one of -p -owned -state-dir, got '${word}'` };
  }
  if (name !== undefined) return { kind: 'module', name, isForPeople, isOwned, stateDirectory };
  return { kind: 'misuse', message: 'expected -m and the name of a module' };
}
