/**
 * The YARA engine: YARA-X by the package @litko/yara-x, native code that is there on some platforms only. It is looked
 * for when it is needed and never bundled, so that a declaration loads without it, in a browser too.
 */

/** Compiled rules. */
export interface Rules {
  /** Scans at once. The engine's own way to scan in a thread takes fifty times as long to begin. */
  scan(data: Uint8Array): readonly RuleMatch[];
  /** Occurrences of a string that are counted; those beyond are not seen. */
  setMaxMatchesPerPattern(most: number): void;
}

export interface RuleMatch {
  readonly ruleIdentifier: string;
}

interface Options {
  readonly relaxedReSyntax: boolean;
  readonly enableIncludes: boolean;
}

interface Engine {
  compile(source: string, options: Options): Rules;
}

/** YARA's own regular expressions, and no `include`: it would read files here, and show them in messages of errors. */
const options: Options = { relaxedReSyntax: true, enableIncludes: false };

/** Occurrences counted of each string: bounds the memory that a rule for every byte would take. */
const mostOccurrences = 10_000;

let engine: Engine | undefined;

/** The parts of Node's process that find a package at run time. */
interface NodeProcess {
  readonly argv: readonly string[];
  readonly platform: string;
  readonly arch: string;
  getBuiltinModule(name: 'node:module'): { createRequire(from: string): (name: string) => unknown };
}

/** Throws an Error that says why there is no engine. */
function loadEngine(): Engine {
  if (engine !== undefined) return engine;
  const { process } = globalThis as unknown as { process?: Partial<NodeProcess> };
  if (process?.getBuiltinModule === undefined || process.argv?.[1] === undefined) {
    throw new Error('there is no YARA engine outside of Node');
  }
  try {
    const require = process.getBuiltinModule('node:module').createRequire(process.argv[1]);
    engine = require('@litko/yara-x') as Engine;
    return engine;
  } catch (cause) {
    const where = `${process.platform} on ${process.arch}`;
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new Error(`the YARA engine is not there for ${where}: install the package @litko/yara-x (${reason})`, {
      cause,
    });
  }
}

/** The rules compiled last: they are compiled to be checked, and used when they are. */
let latest: { readonly source: string; readonly rules: Rules } | undefined;

/** What is wrong with rules, with line and column; undefined when they compile, or there is no engine to tell. */
export function findRuleError(source: string): string | undefined {
  let loaded: Engine;
  try {
    loaded = loadEngine();
  } catch {
    return undefined;
  }
  try {
    const rules = loaded.compile(source, options);
    rules.setMaxMatchesPerPattern(mostOccurrences);
    latest = { source, rules };
    return undefined;
  } catch (error) {
    return describeError(error instanceof Error ? error.message : String(error));
  }
}

/** The engine shows an error over several lines: a title, its place, the line of source, and a hint below it. */
function describeError(message: string): string {
  const title = /error(?:\[\w+\])?: (.*)$/m.exec(message)?.[1] ?? message.split('\n')[0];
  const hint = /\|\s+\^+ (.*)$/m.exec(message)?.[1];
  const place = /--> line:(\d+):(\d+)/.exec(message);
  const where = place === null ? '' : `line ${place[1]}, column ${place[2]}: `;
  return `${where}${title}${hint === undefined ? '' : `, ${hint}`}`;
}

/** Throws an Error that says why there are no rules to scan with. */
export function compileRules(source: string): Rules {
  loadEngine();
  const error = latest?.source === source ? undefined : findRuleError(source);
  if (error !== undefined) throw new Error(`the rules do not compile: ${error}`);
  return latest!.rules;
}
