/**
 * Checks what the documentation names: links and their anchors, `npm run` scripts, paths of the repository, and commands
 * of `mig` with their flags. Part of `npm run lint`; prints each breach with its line.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { flagsOf } from '@mig/module';
import { available } from '@mig/modules';
import { commands } from '../packages/client/src/commands/list.ts';
import { moduleOptions } from '../packages/client/src/commands/module-words.ts';
import { trackedFiles } from './tracked-files.ts';

const root = join(import.meta.dirname, '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
/** Modules that the reader makes, and those that are compiled in by hand. */
const authored = ['mine', ...readdirSync(join(root, 'examples'))];
const pages = trackedFiles(root, /(^|\/)[^/]+\.md$/);
const breaches = pages.flatMap((page) => [...checkPage(page)]);

for (const breach of breaches) process.stderr.write(`${breach}\n`);
process.stdout.write(
  `docs: ${pages.length} pages, ${breaches.length === 0 ? 'in order' : `${breaches.length} breaches`}\n`,
);
process.exitCode = breaches.length === 0 ? 0 : 1;

function* checkPage(page: string): Generator<string> {
  let isCode = false;
  for (const [index, line] of readFileSync(join(root, page), 'utf8').split('\n').entries()) {
    const at = `${page}, line ${index + 1}`;
    if (/^\s*```/.test(line)) isCode = !isCode;
    const code = isCode ? [line] : [...line.matchAll(/`([^`]+)`/g)].map(([, text]) => text!);
    for (const text of code) for (const breach of codeBreaches(text)) yield `${at}: ${breach}`;
    if (isCode) continue;
    for (const [, link] of line.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)) {
      const breach = linkBreach(page, link!);
      if (breach !== undefined) yield `${at}: ${breach}`;
    }
  }
}

/** What is wrong with a link that leads to a file of ours. */
function linkBreach(page: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? join(root, page) : join(root, dirname(page), path);
  if (!existsSync(file)) return `the link ${link} leads to ${relative(root, file)}, which is not there`;
  if (anchor === undefined || !file.endsWith('.md')) return undefined;
  return anchorsOf(file).has(anchor) ? undefined : `the link ${link} leads to a heading that is not there`;
}

/** Anchors of headings, as GitHub makes them. */
function anchorsOf(file: string): ReadonlySet<string> {
  const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, text]) => text!);
  const slug = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
  return new Set(headings.map(slug));
}

function* codeBreaches(text: string): Generator<string> {
  for (const [, script] of text.matchAll(/\bnpm run (?:--silent )?([a-z][\w:-]*)/g)) {
    if (!Object.hasOwn(scripts, script!)) yield `npm run ${script}: package.json has no such script`;
  }
  for (const [path] of text.matchAll(
    /(?<![\w/.@~-])(?:packages|docs|examples|tools|bench|test|packaging)\/[\w./-]*\w/g,
  )) {
    const isGiven = /[<>*{}…]|NAME|mine\b/.test(text);
    if (!isGiven && !existsSync(join(root, path)) && !/\bdist\b/.test(path)) yield `${path} is not there`;
  }
  // What stands in quotes are the words of others.
  const bare = text.replace(/'[^']*'|"[^"]*"/g, "''");
  for (const [, words] of bare.matchAll(/(?:^\s*|npx |[|;&(] *)mig ([a-z][\w-]*(?: [^|;&#)]*)?)/g))
    yield* commandBreaches(words!.split(/\s+/));
}

/** What is wrong with `mig` and `words`. Words with a placeholder are for the reader to fill in. */
function* commandBreaches([name = '', ...words]: readonly string[]): Generator<string> {
  const module = available.find(name);
  const command = commands.find(({ names }) => names.includes(name));
  if (module === undefined && command === undefined && !authored.includes(name))
    yield `mig ${name}: is neither a module nor a command`;
  if (module === undefined || command !== undefined) return;
  const known = new Set([...flagsOf(module).map((flag) => flag.name), ...Object.keys(moduleOptions), 'h', 'help']);
  for (const word of words) {
    const [, flag] = /^-{1,2}([a-z][\w-]*)(?:=.*)?$/.exec(word) ?? [];
    if (flag !== undefined && !known.has(flag)) yield `mig ${name}: has no flag -${flag}`;
  }
}
