/** The words that follow `mig-agent`, as a command. */

export type Command =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'misuse'; readonly message: string }
  | { readonly kind: 'module'; readonly name: string; readonly isForPeople: boolean };

/** Reads `words`. What cannot be understood is a `misuse` with a message for people. */
export function parseWords(words: readonly string[]): Command {
  let name: string | undefined;
  let isForPeople = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!.replace(/^--/, '-');
    if (word === '-h' || word === '-help' || word === 'help') return { kind: 'help' };
    if (word === '-V' || word === '-version') return { kind: 'version' };
    if (word === '-p') isForPeople = true;
    else if (word === '-m') {
      name = words[++at];
      if (name === undefined)
        return { kind: 'misuse', message: '-m: expected the name of a module after it, got nothing' };
    } else return { kind: 'misuse', message: `expected one of -m -p -V -h, got '${words[at]}'` };
  }
  if (name !== undefined) return { kind: 'module', name, isForPeople };
  return { kind: 'misuse', message: 'expected -m and the name of a module' };
}
