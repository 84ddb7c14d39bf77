import { endpoints } from '@mig/api';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { expect, test } from 'vitest';
import { openApiDocument } from './open-api.ts';

const document = openApiDocument('1.2.3');

test('the OpenAPI document passes the rules that Redocly recommends', async () => {
  expect(await complaints(JSON.stringify(document))).toEqual([]);
});

test('the linter complains of a document that is wrong', async () => {
  const wrong = JSON.stringify(document).replace('"operationId":"getStatus"', '"operationId":"getAction"');

  expect(await complaints(wrong)).toEqual(['operation-operationId-unique']);
});

test('every endpoint of the contract is in the document, with its method', () => {
  const listed = Object.entries(document['paths'] as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );

  const expected = Object.values(endpoints).map(
    ({ method, path }) => `${method} /api/v1${path.replace(/:([a-z]+)/g, '{$1}')}`,
  );
  expect(listed.sort()).toEqual(expected.sort());
});

async function complaints(source: string): Promise<readonly string[]> {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config });
  return problems.map(({ ruleId, message }) =>
    ruleId === 'operation-operationId-unique' ? ruleId : `${ruleId}: ${message}`,
  );
}
