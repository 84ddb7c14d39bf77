/**
 * Reads RE2's syntax (https://github.com/google/re2/wiki/Syntax) with the meaning that Go gives it
 * (https://pkg.go.dev/regexp/syntax), into a tree.
 */
import { Cursor } from './cursor.ts';
import { alternate, concat, type Node } from './node.ts';
import { parseClass } from './parse-class.ts';
import { parseEscapedCharacter, parseEscapedClass } from './parse-escape.ts';
import { everything, negate } from './ranges.ts';
import { foldCase } from './unicode.ts';

/** Most repetitions that a count may ask for, nested counts multiplied. */
const mostRepetitions = 1000;

/** Deepest nesting of groups. */
const deepestNesting = 500;

/** Parses `pattern`. Throws RegexpSyntaxError. */
export function parse(pattern: string): Node {
  const cursor = new Cursor(pattern);
  const node = parseAlternatives(cursor, 0);
  if (!cursor.isAtEnd) cursor.fail('a ) without its (: write \\) for a parenthesis');
  return node;
}

function parseAlternatives(cursor: Cursor, depth: number): Node {
  if (depth > deepestNesting) cursor.fail(`groups are nested more than ${deepestNesting} deep`);
  const alternatives = [parseSequence(cursor, depth)];
  while (cursor.take('|')) alternatives.push(parseSequence(cursor, depth));
  return alternate(alternatives);
}

function parseSequence(cursor: Cursor, depth: number): Node {
  const parts: Node[] = [];
  while (!cursor.isAtEnd && !cursor.sees('|') && !cursor.sees(')')) {
    if (cursor.take('\\Q')) parts.push(...parseQuoted(cursor));
    else {
      if (/[*+?]/.test(cursor.pattern[cursor.at]!)) {
        cursor.fail(
          `nothing stands before the repetition ${cursor.pattern[cursor.at]}: write \\ before it for the character`,
        );
      }
      const atom = parseAtom(cursor, depth);
      if (atom !== undefined) parts.push(atom);
      else continue;
    }
    const repeated = parts.pop();
    if (repeated !== undefined) parts.push(parseRepetition(cursor, repeated));
  }
  return concat(parts);
}

/** `\Q…\E`: the text between stands for itself; without `\E` it goes to the end. */
function parseQuoted(cursor: Cursor): Node[] {
  const end = cursor.pattern.indexOf('\\E', cursor.at);
  const stop = end < 0 ? cursor.pattern.length : end;
  const characters: Node[] = [];
  while (cursor.at < stop) characters.push(character(cursor, cursor.takeCodePoint()));
  cursor.take('\\E');
  return characters;
}

/** One thing that can be repeated, or undefined for `(?i)`, which is none. */
function parseAtom(cursor: Cursor, depth: number): Node | undefined {
  const { isMultiLine, dotMatchesNewline } = cursor.flags;
  if (cursor.sees('(')) return parseGroup(cursor, depth);
  if (cursor.sees('[')) return { kind: 'class', ranges: parseClass(cursor) };
  if (cursor.take('.')) return { kind: 'class', ranges: dotMatchesNewline ? everything : negate([10, 10]) };
  if (cursor.take('^')) return { kind: 'assertion', assertion: isMultiLine ? 'lineStart' : 'textStart' };
  if (cursor.take('$')) return { kind: 'assertion', assertion: isMultiLine ? 'lineEnd' : 'textEnd' };
  if (!cursor.sees('\\')) return character(cursor, cursor.takeCodePoint());
  if (cursor.take('\\A')) return { kind: 'assertion', assertion: 'textStart' };
  if (cursor.take('\\z')) return { kind: 'assertion', assertion: 'textEnd' };
  if (cursor.take('\\b')) return { kind: 'assertion', assertion: 'wordBoundary' };
  if (cursor.take('\\B')) return { kind: 'assertion', assertion: 'notWordBoundary' };
  const ranges = parseEscapedClass(cursor);
  return ranges === undefined ? character(cursor, parseEscapedCharacter(cursor)) : { kind: 'class', ranges };
}

function character(cursor: Cursor, codePoint: number): Node {
  const ranges = [codePoint, codePoint];
  return { kind: 'class', ranges: cursor.flags.foldsCase ? foldCase(ranges) : ranges };
}

function parseGroup(cursor: Cursor, depth: number): Node | undefined {
  const start = cursor.at;
  const outer = cursor.flags;
  cursor.at++;
  if (cursor.take('?')) {
    if (/^[=!]|^<[=!]/.test(cursor.pattern.slice(cursor.at))) {
      cursor.fail('look-around is not supported, since matching it takes more than linear time', start);
    }
    if (/^P?</.test(cursor.pattern.slice(cursor.at))) takeName(cursor, start);
    else if (takeFlags(cursor, start)) return undefined;
  }
  const node = parseAlternatives(cursor, depth + 1);
  if (!cursor.take(')')) cursor.fail('the group is not closed: expected )', start);
  cursor.flags = outer;
  return node;
}

function takeName(cursor: Cursor, start: number): void {
  const name = cursor.takeMatch(/P?<([A-Za-z0-9_]+)>/y)?.[1];
  if (name === undefined)
    cursor.fail('a named group is written (?P<name>…), with letters, digits and _ for the name', start);
  if (cursor.groupNames.has(name)) cursor.fail(`two groups are called '${name}'`, start);
  cursor.groupNames.add(name);
}

/** Reads `i-s)` or `i-s:`; true when the flags hold from here on and no group follows. */
function takeFlags(cursor: Cursor, start: number): boolean {
  const flags = cursor.takeMatch(/([imsU]*)(?:-([imsU]+))?([:)])/y);
  if (flags === undefined) cursor.fail('expected flags of RE2 (i m s U) and : or ) after (?', start);
  const [, on = '', off = '', end] = flags;
  const decide = (letter: string, before: boolean) => (off.includes(letter) ? false : on.includes(letter) || before);
  if (end === ')' && on === '' && off === '') cursor.fail('expected flags of RE2 (i m s U) after (?', start);
  cursor.flags = {
    foldsCase: decide('i', cursor.flags.foldsCase),
    isMultiLine: decide('m', cursor.flags.isMultiLine),
    dotMatchesNewline: decide('s', cursor.flags.dotMatchesNewline),
    isUngreedy: decide('U', cursor.flags.isUngreedy),
  };
  return end === ')';
}

function parseRepetition(cursor: Cursor, node: Node): Node {
  const start = cursor.at;
  const bounds = takeBounds(cursor);
  if (bounds === undefined) return node;
  const [min, max] = bounds;
  const isGreedy = cursor.take('?') === cursor.flags.isUngreedy;
  const again = cursor.at;
  if (takeBounds(cursor) !== undefined) cursor.fail('a repetition is repeated: put it in a group, (?:…)', again);
  const repeat: Node = { kind: 'repeat', node, min, max, isGreedy };
  if ((min > 1 || (max > 1 && max !== Infinity)) && !staysBelow(repeat, mostRepetitions)) {
    cursor.fail(`nested counts ask for more than ${mostRepetitions} repetitions`, start);
  }
  return repeat;
}

function takeBounds(cursor: Cursor): readonly [number, number] | undefined {
  if (cursor.take('*')) return [0, Infinity];
  if (cursor.take('+')) return [1, Infinity];
  if (cursor.take('?')) return [0, 1];
  const start = cursor.at;
  const [, low, comma, high] = cursor.takeMatch(/\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/y) ?? [];
  if (low === undefined) return undefined; // A brace that counts nothing stands for itself.
  const min = Number(low);
  const max = comma === undefined ? min : high === undefined ? Infinity : Number(high);
  if (min > mostRepetitions || (max !== Infinity && max > mostRepetitions)) {
    cursor.fail(`a count asks for more than ${mostRepetitions} repetitions`, start);
  }
  if (min > max) cursor.fail('a count runs backwards: expected {low,high}', start);
  return [min, max];
}

/** Whether the counts in `node` multiply to at most `budget`. */
function staysBelow(node: Node, budget: number): boolean {
  if (node.kind === 'repeat') {
    const count = node.max === Infinity ? node.min : node.max;
    if (node.max === 0) return true;
    if (count > budget) return false;
    return staysBelow(node.node, count > 0 ? Math.floor(budget / count) : budget);
  }
  if (node.kind === 'concat' || node.kind === 'alternate') return node.parts.every((part) => staysBelow(part, budget));
  return true;
}
