/** The list of the modules that are compiled in, as text: `packages/modules/src/available.ts`. */

/** `list` with the module `name` imported and named in its place by the alphabet. Throws when it does not look as expected. */
export function withModule(list: string, name: string): string {
  const lines = list.split('\n');
  const imported = insert(lines, /^import \{ \w+ \} from '\.\//, `import { ${name} } from './${name}/${name}.ts';`);
  return insert(imported, /^ {2}\w+,$/, `  ${name},`).join('\n');
}

/** Puts `line` before the first of the lines like `pattern` that comes after it, or after the last of them. */
function insert(lines: readonly string[], pattern: RegExp, line: string): string[] {
  const places = [...lines.keys()].filter((at) => pattern.test(lines[at]!));
  const last = places.at(-1);
  if (last === undefined) throw new Error(`available.ts: expected lines such as '${line}', found none: add it by hand`);
  const at = places.find((place) => lines[place]! > line) ?? last + 1;
  return [...lines.slice(0, at), line, ...lines.slice(at)];
}
