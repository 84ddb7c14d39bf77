/** The mode of a file as Go writes it (https://pkg.go.dev/io/fs#FileMode.String): `-rw-r--r--`, `urwxr-xr-x`, `dtrwxrwxrwx`. */

/** Letters of the file types, by the type bits of st_mode (inode(7)). */
const typeLetters: ReadonlyMap<number, string> = new Map([
  [0o040000, 'd'],
  [0o120000, 'L'],
  [0o060000, 'D'],
  [0o020000, 'Dc'],
  [0o010000, 'p'],
  [0o140000, 'S'],
]);

/** A system has few modes, and many files: each is written once. */
const written = new Map<number, string>();

/** Writes `mode`, an st_mode, as Go does: letters for the type, then setuid u, setgid g and sticky t, then rwx. */
export function modeString(mode: number): string {
  const known = written.get(mode);
  if (known !== undefined) return known;
  const text = writeMode(mode);
  written.set(mode, text);
  return text;
}

function writeMode(mode: number): string {
  const [type = '', character = ''] = typeLetters.get(mode & 0o170000) ?? '';
  const special = `${type}${mode & 0o4000 ? 'u' : ''}${mode & 0o2000 ? 'g' : ''}${character}${mode & 0o1000 ? 't' : ''}`;
  const bits = [...'rwxrwxrwx'].map((letter, i) => (mode & (1 << (8 - i)) ? letter : '-')).join('');
  return `${special || '-'}${bits}`;
}
