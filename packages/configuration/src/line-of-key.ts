/** Finds where a key stands in a TOML text, for messages: parsers keep no places. */

/** The line, from 1, on which the key at `path` is set, or its nearest table begins; undefined when neither is there. */
export function lineOfKey(text: string, path: readonly string[]): number | undefined {
  let table: readonly string[] = [];
  let nearest: number | undefined;
  for (const [i, line] of text.split('\n').entries()) {
    const header = /^\s*\[\[?\s*([^\]]+?)\s*\]\]?/.exec(line)?.[1];
    if (header !== undefined) {
      table = header.split('.').map(bare);
      if (isPrefix(table, path)) nearest = i + 1;
      if (table.length === path.length && isPrefix(table, path)) return i + 1;
      continue;
    }
    const key = /^\s*([\w."'-]+)\s*=/.exec(line)?.[1];
    if (key === undefined) continue;
    const full = [...table, ...key.split('.').map(bare)];
    if (full.length >= path.length && isPrefix(path, full)) return i + 1;
  }
  return nearest;
}

function bare(part: string): string {
  return part.trim().replace(/^["']|["']$/g, '');
}

function isPrefix(start: readonly string[], whole: readonly string[]): boolean {
  return start.every((part, i) => whole[i] === part);
}
