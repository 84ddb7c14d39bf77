/** Where a passphrase comes from: a file, or a person at a terminal, who does not see it while typing. */
import { openSync, readFileSync, statSync } from 'node:fs';
import { ReadStream } from 'node:tty';

/** Reads the first line of `file`. Throws when others could read it too, or when it is empty. */
export function readPassphraseFile(file: string): string {
  const { mode } = statSync(file);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new Error(
      `${file}: expected a file that only its owner can read, got mode ${(mode & 0o777).toString(8)}: chmod 600`,
    );
  }
  const [line = ''] = readFileSync(file, 'utf8').split(/\r?\n/);
  if (line === '') throw new Error(`${file}: expected a passphrase in the first line, got nothing`);
  return line;
}

/** Asks at the terminal, without echo. Throws when there is none, and when ctrl-c was typed. */
export async function askPassphrase(prompt: string): Promise<string> {
  const input = terminalInput();
  process.stderr.write(prompt);
  input.setRawMode(true);
  input.resume();
  try {
    return await readHidden(input);
  } finally {
    input.setRawMode(false);
    input.pause();
    process.stderr.write('\n');
    if (input !== process.stdin) input.destroy();
  }
}

/** Asks for the passphrase of a new key, twice. Throws when it is empty, or the two differ. */
export async function newPassphrase(): Promise<string> {
  const first = await askPassphrase('Passphrase for the new key: ');
  if (first === '') throw new Error('a key needs a passphrase, got nothing: no key was made');
  const second = await askPassphrase('Once more: ');
  if (first !== second) throw new Error('the two passphrases differ: no key was made');
  return first;
}

function terminalInput(): ReadStream {
  if (process.stdin.isTTY) return process.stdin;
  try {
    return new ReadStream(openSync('/dev/tty', 'r'));
  } catch (cause) {
    throw new Error('a passphrase is needed, and there is no terminal to ask at: set MIG_PASSPHRASE_FILE', { cause });
  }
}

function readHidden(input: ReadStream): Promise<string> {
  let typed = '';
  return new Promise((resolve, reject) => {
    const finish = (act: () => void) => {
      input.off('data', read);
      act();
    };
    const read = (chunk: Buffer) => {
      for (const character of chunk.toString('utf8')) {
        if (character === '\r' || character === '\n') return finish(() => resolve(typed));
        if (character === '\u0003') return finish(() => reject(new Error('no passphrase was given')));
        if (character === '\u007f' || character === '\b') typed = [...typed].slice(0, -1).join('');
        else if (character === '\u0015') typed = '';
        else typed += character;
      }
    };
    input.on('data', read);
  });
}
