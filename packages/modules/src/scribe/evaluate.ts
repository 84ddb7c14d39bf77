/** Evaluates a document: gathers what its objects offer, then its tests, those first that others wait for. */
import { durationSince, type Findings, type RunContext } from '@mig/module';
import { compile } from '@mig/regexp';
import { judgeVersion, type Operation } from '../pkg/evr.ts';
import { installedPackages } from '../pkg/installed-packages.ts';
import type { Candidate } from './candidates.ts';
import type { Document, PolicyTest } from './document.ts';
import { type FileSource, fileCandidates, findFilesOf } from './file-candidates.ts';
import { InstalledPackages } from './package-candidates.ts';
import type { Elements, Parameters, Statistics, TestResult } from './scribe.ts';
import { type Source, sourcesOf } from './source.ts';
import { fillInObject, resolveVariables } from './variables.ts';

/** What an object offers, or why it offers nothing. */
type Offer = { readonly candidates: readonly Candidate[] } | { readonly error: string };

/** `root` is where the databases of packages are looked for. */
export async function evaluate(context: RunContext<Parameters>, root = '/'): Promise<Findings<Elements, Statistics>> {
  const started = performance.now();
  const { scribedoc, onlytrue, humanoutput, jsonoutput } = context.parameters;
  const offers = await gatherOffers(scribedoc, context, root);
  const outcomes = new Map<string, TestResult>();
  for (const test of inOrder(scribedoc.tests)) {
    const pause = context.breathe();
    if (pause) await pause;
    outcomes.set(test.test, evaluateTest(test, offers.get(test.object)!, outcomes));
  }
  const all = scribedoc.tests.map(({ test }) => outcomes.get(test)!);
  for (const [i, test] of scribedoc.tests.entries()) warnOf(test, all[i]!, context);
  const results = onlytrue ? all.filter(({ masterresult }) => masterresult) : all;
  const execruntime = durationSince(started);
  return {
    foundanything: all.some(({ masterresult }) => masterresult),
    elements: { results, humanoutput, jsonoutput },
    statistics: { execruntime },
  };
}

/** Looks at what the objects of tests name; each once. Objects that no test looks at are left alone. */
async function gatherOffers(
  { variables, objects, tests }: Document,
  context: RunContext<Parameters>,
  root: string,
): Promise<ReadonlyMap<string, Offer>> {
  const values = resolveVariables(variables);
  const used = new Set(tests.map(({ object }) => object));
  const sources = new Map<string, Source>();
  for (const object of objects) {
    if (used.has(object.object)) sources.set(object.object, sourcesOf(fillInObject(object, values))[0]!);
  }
  const hasPackages = [...sources.values()].some(({ kind }) => kind === 'package');
  const packages = new InstalledPackages(hasPackages ? await installedPackages(root, context) : []);
  const fileSources = new Map([...sources].filter((entry): entry is [string, FileSource] => isFileSource(entry[1])));
  const files = await findFilesOf(context, fileSources);
  const offers = new Map<string, Offer>();
  for (const [identifier, source] of sources) {
    const pause = context.breathe();
    if (pause) await pause;
    try {
      const candidates = isFileSource(source)
        ? await fileCandidates(source, files.get(identifier) ?? [], context)
        : source.kind === 'package'
          ? packages.candidates(source)
          : source.identifiers;
      offers.set(identifier, { candidates });
    } catch (error) {
      context.signal.throwIfAborted();
      offers.set(identifier, {
        error: `object '${identifier}': ${error instanceof Error ? error.message : String(error)}`,
      });
    }
  }
  return offers;
}

function isFileSource(source: Source): source is FileSource {
  return source.kind === 'filename' || source.kind === 'filecontent' || source.kind === 'hasline';
}

/** The tests, each behind those it waits for; a document that was checked has no cycle. */
function* inOrder(tests: readonly PolicyTest[]): Generator<PolicyTest> {
  const byName = new Map(tests.map((test) => [test.test, test]));
  const done = new Set<PolicyTest>();
  for (const first of tests) {
    const waiting = [first];
    for (let test = waiting.at(-1); test !== undefined; test = waiting.at(-1)) {
      const open = done.has(test) ? [] : test.if.map((name) => byName.get(name)!).filter((one) => !done.has(one));
      if (open.length > 0) {
        waiting.push(...open);
        continue;
      }
      waiting.pop();
      if (!done.has(test)) yield test;
      done.add(test);
    }
  }
}

function evaluateTest(test: PolicyTest, offer: Offer, outcomes: ReadonlyMap<string, TestResult>): TestResult {
  const { test: testid, name, description, tags } = test;
  const waited = test.if.map((other) => outcomes.get(other)!);
  const failed = waited.find(({ iserror }) => iserror);
  const error =
    failed !== undefined ? `test '${failed.testid}', which it waits for, failed` : 'error' in offer ? offer.error : '';
  const candidates = error === '' && 'candidates' in offer ? offer.candidates : [];
  const isTrue = judgeOf(test);
  const results = candidates.map((candidate) => ({ result: isTrue(candidate), identifier: candidate.identifier }));
  const hastrueresults = results.some(({ result }) => result);
  const masterresult = hastrueresults && waited.every((other) => other.masterresult);
  return { testid, name, description, tags, iserror: error !== '', error, masterresult, hastrueresults, results };
}

/** What the test asks of a candidate; without a question, that there is one. */
function judgeOf({ evr, regexp, exactmatch }: PolicyTest): (candidate: Candidate) => boolean {
  if (evr.value !== '') {
    const operation = evr.operation as Operation;
    return ({ value, packageType }) => judgeVersion(value, operation, evr.value, packageType);
  }
  if (regexp.value !== '') {
    const wanted = compile(regexp.value);
    return ({ value }) => wanted.test(value);
  }
  if (exactmatch.value !== '') return ({ value }) => value === exactmatch.value;
  return () => true;
}

/** Tests that failed, and those that came out otherwise than the document expects. */
function warnOf(
  test: PolicyTest,
  { iserror, error, masterresult }: TestResult,
  { warn }: RunContext<Parameters>,
): void {
  if (iserror && test.expecterror !== true) warn(`test '${test.test}': ${error}`);
  else if (test.expecterror === true && !iserror) warn(`test '${test.test}': expected an error, got ${masterresult}`);
  else if (!iserror && test.expectedresult !== undefined && test.expectedresult !== masterresult) {
    warn(`test '${test.test}': expected ${test.expectedresult}, got ${masterresult}`);
  }
}
