/** What every module is held to. A module's test file calls `describeContract(module)` and adds its own. */
import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { z } from 'zod';
import type { AnyModule } from '../contract/define-module.ts';
import { describeModule } from '../contract/json-schema.ts';
import { isPersistent } from '../contract/persistent-module.ts';
import { stopNotice } from '../contract/result.ts';
import { helpLines } from '../flags/help.ts';
import { parseFlags } from '../flags/parse.ts';
import { runModule } from '../host/run-module.ts';
import { assertResult } from './assert-result.ts';

export interface ContractOptions {
  /** Gives the text of files that examples name. */
  readonly readText?: (path: string) => string;
}

/** Declares the tests of the contract for `module`. */
export function describeContract(module: AnyModule, options: ContractOptions = {}): void {
  const readText = options.readText ?? ((path: string) => assert.fail(`no text for the file ${path}`));

  describe(`${module.name} keeps the contract`, () => {
    test('describes every parameter, element and statistic, and every key of its configuration', () => {
      const { parameters, elements, statistics } = module;
      const config = isPersistent(module) ? [module.config] : [];
      for (const schema of [parameters, elements, statistics, ...config]) assert.deepEqual(undescribed(schema), []);
    });

    test('has examples that parse, and that its help shows', () => {
      const help = helpLines(module).join('\n');
      for (const example of module.examples) {
        parseFlags(module, example.flags, readText);
        assert.ok(help.includes(example.asks), `help lacks '${example.asks}'`);
      }
    });

    test('refuses an unknown parameter by its name', async () => {
      const result = await runModule(module, { nosuchparameter: 1 });
      assertResult(module, result);
      assert.equal(result.success, false);
      assert.match(result.errors![0]!, /nosuchparameter|expected/);
    });

    test('says that it is not available on a platform that it does not name', async () => {
      const result = await runModule(module, {}, { platform: 'plan9' });
      assert.deepEqual(result.errors, [`module ${module.name} is not available on plan9`]);
    });

    test('answers a run that is stopped before it starts', async () => {
      const parameters = parseFlags(module, module.examples[0]!.flags, readText);
      const result = await runModule(module, parameters, { signal: AbortSignal.abort() });
      assert.deepEqual(result.errors, [stopNotice]);
    });

    test('exports JSON Schema', () => {
      assert.equal(JSON.parse(JSON.stringify(describeModule(module))).name, module.name);
    });
  });
}

/** Paths of the object fields under `schema` that have no description. */
function undescribed(schema: z.ZodType): string[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return [...fieldsWithout(json as Record<string, unknown>, '')];
}

function* fieldsWithout(schema: Record<string, unknown>, path: string): Generator<string> {
  for (const [name, field] of Object.entries((schema['properties'] ?? {}) as Record<string, Record<string, unknown>>)) {
    if (typeof field['description'] !== 'string') yield `${path}${name}`;
    yield* fieldsWithout(field, `${path}${name}.`);
  }
  for (const inner of [schema['items'], schema['additionalProperties']]) {
    if (inner !== null && typeof inner === 'object')
      yield* fieldsWithout(inner as Record<string, unknown>, `${path}*.`);
  }
}
