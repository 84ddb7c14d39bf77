/** What a schema cannot say of a document: names that lead somewhere, one source for each object, no cycles. */
import { compile } from '@mig/regexp';
import type { PolicyObject, PolicyTest, Variable } from './document.ts';
import { type Source, sourcesOf } from './source.ts';
import { fillInObject, referencesIn, resolveVariables } from './variables.ts';

/** A document as its schema leaves it. */
interface Parts {
  readonly variables: readonly Variable[];
  readonly objects: readonly PolicyObject[];
  readonly tests: readonly PolicyTest[];
}

/** Something wrong, and where. */
export interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Yields what is wrong with a document. */
export function* checkDocument({ variables, objects, tests }: Parts): Generator<Problem> {
  yield* checkIdentifiers(
    'variables',
    'key',
    variables.map(({ key }) => key),
  );
  yield* checkIdentifiers(
    'objects',
    'object',
    objects.map(({ object }) => object),
  );
  yield* checkIdentifiers(
    'tests',
    'test',
    tests.map(({ test }) => test),
  );
  let known: ReadonlyMap<string, string>;
  try {
    known = resolveVariables(variables);
  } catch (error) {
    return yield { path: ['variables'], message: error instanceof Error ? error.message : String(error) };
  }
  for (const [i, object] of objects.entries()) yield* at(['objects', i], checkObject(object, known));
  const names = {
    objects: new Set(objects.map(({ object }) => object)),
    tests: new Set(tests.map(({ test }) => test)),
  };
  for (const [i, test] of tests.entries()) yield* at(['tests', i], checkTest(test, names));
  yield* checkCycles(tests);
}

function* at(path: readonly (string | number)[], problems: Iterable<Problem>): Generator<Problem> {
  for (const problem of problems) yield { ...problem, path: [...path, ...problem.path] };
}

function* checkIdentifiers(list: string, field: string, identifiers: readonly string[]): Generator<Problem> {
  const seen = new Set<string>();
  for (const [i, identifier] of identifiers.entries()) {
    const path = [list, i, field];
    if (identifier === '') yield { path, message: 'expected an identifier' };
    else if (seen.has(identifier)) yield { path, message: 'expected an identifier that no other has' };
    seen.add(identifier);
  }
}

function* checkObject(object: PolicyObject, variables: ReadonlyMap<string, string>): Generator<Problem> {
  for (const [path, text] of textsIn(object, [])) {
    const unknown = referencesIn(text).find((name) => !variables.has(name));
    if (unknown !== undefined) return yield { path, message: `expected the name of a variable in '\${${unknown}}'` };
  }
  const sources = sourcesOf(fillInObject(object, variables));
  if (sources.length !== 1) {
    const message = 'expected exactly one of package, filecontent, filename, hasline and raw';
    yield {
      path: [],
      message: sources.length === 0 ? message : `${message}, not ${sources.map(({ kind }) => kind).join(' and ')}`,
    };
  } else yield* at([sources[0]!.kind], checkSource(sources[0]!));
}

function* checkSource(source: Source): Generator<Problem> {
  switch (source.kind) {
    case 'package':
      if (source.name === '') yield { path: ['name'], message: 'expected the name of a package' };
      if (source.collectmatch !== '') yield* checkRegexp('collectmatch', source.collectmatch);
      return;
    case 'raw':
      for (const [i, { identifier }] of source.identifiers.entries()) {
        if (identifier === '') yield { path: ['identifiers', i, 'identifier'], message: 'expected an identifier' };
      }
      return;
    default:
      if (source.path === '') yield { path: ['path'], message: 'expected a path' };
      yield* checkRegexp('file', source.file);
      if (source.kind !== 'filename') yield* checkRegexp('expression', source.expression);
  }
}

function* checkTest(
  test: PolicyTest,
  names: { readonly objects: ReadonlySet<string>; readonly tests: ReadonlySet<string> },
): Generator<Problem> {
  if (!names.objects.has(test.object)) yield { path: ['object'], message: 'expected the identifier of an object' };
  const evaluators = (['evr', 'regexp', 'exactmatch'] as const).filter((kind) => test[kind].value !== '');
  if (evaluators.length > 1) yield { path: [], message: `expected at most one of ${evaluators.join(' and ')}` };
  if (test.regexp.value !== '') yield* at(['regexp'], checkRegexp('value', test.regexp.value));
  const { operation, value } = test.evr;
  if (value !== '' && operation === '') yield { path: ['evr', 'operation'], message: 'expected one of < <= = >= >' };
  if (value === '' && operation !== '') yield { path: ['evr', 'value'], message: 'expected a version' };
  for (const [i, name] of test.if.entries()) {
    if (!names.tests.has(name)) yield { path: ['if', i], message: 'expected the identifier of a test' };
  }
}

function* checkRegexp(field: string, pattern: string): Generator<Problem> {
  if (pattern === '') return yield { path: [field], message: 'expected a regular expression' };
  try {
    compile(pattern);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    yield { path: [field], message: `expected a regular expression in RE2 syntax: ${reason}` };
  }
}

/** Follows every test to those it waits for; no depth of recursion, since a chain may be as long as a document. */
function* checkCycles(tests: readonly PolicyTest[]): Generator<Problem> {
  const waits = new Map(tests.map((test) => [test.test, test.if]));
  const done = new Set<string>();
  for (const [i, { test }] of tests.entries()) {
    const trail: { readonly name: string; next: number }[] = [{ name: test, next: 0 }];
    const onTrail = new Set([test]);
    while (trail.length > 0) {
      const top = trail.at(-1)!;
      const name = done.has(top.name) ? undefined : waits.get(top.name)?.[top.next++];
      if (name === undefined) {
        done.add(top.name);
        onTrail.delete(top.name);
        trail.pop();
      } else if (onTrail.has(name)) {
        const cycle = [...trail.map((step) => step.name), name];
        return yield {
          path: ['tests', i, 'if'],
          message: `expected no cycle of tests: ${cycle.slice(-6).join(' → ')}`,
        };
      } else {
        onTrail.add(name);
        trail.push({ name, next: 0 });
      }
    }
  }
}

function* textsIn(
  value: unknown,
  path: readonly (string | number)[],
): Generator<[readonly (string | number)[], string]> {
  if (typeof value === 'string') yield [path, value];
  else if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) {
      if (path.length > 0 || key !== 'object')
        yield* textsIn(inner, [...path, Array.isArray(value) ? Number(key) : key]);
    }
  }
}
