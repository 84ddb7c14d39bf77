/** The words that follow `mig-agent`, as a command. What is not about one module is left to the bundle of the daemon. */

export type Command =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'misuse'; readonly message: string }
  | { readonly kind: 'module'; readonly name: string; readonly isForPeople: boolean; readonly isOwned: boolean }
  | { readonly kind: 'daemon'; readonly words: readonly string[] };

/** Reads `words`. What cannot be understood is a `misuse` with a message for people. */
export function parseWords(words: readonly string[]): Command {
  const plain = words.map((word) => word.replace(/^--/, '-'));
  if (plain.some((word) => word === '-h' || word === '-help') || plain[0] === 'help') return { kind: 'help' };
  if (plain.some((word) => word === '-V' || word === '-version')) return { kind: 'version' };
  if (!plain.includes('-m') && !plain.includes('-p')) return { kind: 'daemon', words };
  return parseModuleWords(plain);
}

function parseModuleWords(words: readonly string[]): Command {
  let name: string | undefined;
  let isForPeople = false;
  let isOwned = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '-p') isForPeople = true;
    else if (word === '-owned') isOwned = true;
    else if (word === '-m') {
      name = words[++at];
      if (name === undefined)
        return { kind: 'misuse', message: '-m: expected the name of a module after it, got nothing' };
    } else return { kind: 'misuse', message: `with -m, expected one of -p -owned, got '${word}'` };
  }
  if (name !== undefined) return { kind: 'module', name, isForPeople, isOwned };
  return { kind: 'misuse', message: 'expected -m and the name of a module' };
}
