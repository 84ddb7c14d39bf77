/** Results of tests as lines for people, short and at length. */
import type { TestResult } from './scribe.ts';

/** One line for the test, one for each thing that was tested: made to be searched by line. */
export function* singleLines({ testid, name, iserror, error, masterresult, hastrueresults, results }: TestResult) {
  const master = iserror ? 'error' : masterresult;
  const called = `name:"${name || testid}" id:"${testid}"`;
  yield `master [${master}] ${called} hastrue:${hastrueresults} error:"${error}"`;
  for (const { result, identifier } of results) yield `sub [${result}] ${called} identifier:"${identifier}"`;
}

/** All there is to say, line by line. */
export function* humanLines({
  testid,
  name,
  description,
  tags,
  iserror,
  error,
  masterresult,
  hastrueresults,
  results,
}: TestResult) {
  yield name === '' ? `result for "${testid}"` : `result for "${name}" (${testid})`;
  if (description !== '') yield `  description: ${description}`;
  const reason = !masterresult && hastrueresults ? ', it has true results, but not every test that it waits for' : '';
  yield `  master result: ${masterresult}${reason}`;
  for (const { key, value } of tags) yield `  tag: ${key}: ${value}`;
  if (iserror) yield `  error: ${error}`;
  for (const { result, identifier } of results) yield `  [${result}] identifier: "${identifier}"`;
}
