/** The policy documents that scribe evaluates: variables, objects, and tests of those objects. */
import { z } from 'zod';
import { checkDocument } from './check-document.ts';

/** Elements repeat names and descriptions: they are as short as elements must be. */
const shortest = 1024;
const text = (description: string) => z.string().max(shortest).default('').describe(description);

/*
 * Documents written by programs spell out what is absent: `"filename": {}`, `"value": ""`. So that no field of a source
 * is required by itself; checkDocument says what must be there.
 */
const FileContent = z.strictObject({
  path: text('Directory to walk, or a file.'),
  file: text('Regular expression on the base name.'),
  expression: text('Regular expression on a line; its groups are the values, the match itself where it has none.'),
  concat: text('Joins all values of one file to one.'),
});
const FileName = z.strictObject({
  path: text('Directory to walk, or a file.'),
  file: text('Regular expression on the base name; its first group is the value, the match itself where it has none.'),
});
const HasLine = z.strictObject({
  path: text('Directory to walk, or a file.'),
  file: text('Regular expression on the base name.'),
  expression: text('Regular expression on a line; the value is true or false.'),
});
const Package = z.strictObject({
  name: text('Name of a package; its version is the value.'),
  collectmatch: text('Regular expression on names, instead of the name itself.'),
  onlynewest: z.boolean().default(false).describe('Only the newest of several that are installed.'),
});
const Raw = z.strictObject({
  identifiers: z
    .array(
      z.strictObject({
        identifier: text('What the value is of.'),
        value: text('The value.'),
      }),
    )
    .default([])
    .describe('Values that stand in the document itself.'),
});

const PolicyObject = z.strictObject({
  object: text('Identifier of the object.'),
  package: Package.prefault({}).describe('Versions of an installed package.'),
  filecontent: FileContent.prefault({}).describe('What stands in files.'),
  filename: FileName.prefault({}).describe('What stands in the names of files.'),
  hasline: HasLine.prefault({}).describe('Whether files have a line.'),
  raw: Raw.prefault({}).describe('Values given.'),
});
export type PolicyObject = z.output<typeof PolicyObject>;

const Tag = z.strictObject({ key: text('Name of the tag.'), value: text('Value of the tag.') });

const Value = z.strictObject({ value: text('What the value must be.') }).prefault({});

const PolicyTest = z.strictObject({
  test: text('Identifier of the test.'),
  name: text('Name for people.'),
  description: text('What it means.'),
  object: text('The object that is tested.'),
  evr: z
    .strictObject({
      operation: z.enum(['', '<', '<=', '=', '>=', '>']).default('').describe('How the value compares.'),
      value: text('The version to compare with: epoch:version-release.'),
    })
    .prefault({})
    .describe('Compares versions by the rules of the package manager.'),
  regexp: Value.describe('A regular expression on the value.'),
  exactmatch: Value.describe('The value itself.'),
  tags: z.array(Tag).default([]).describe('Tags that the result repeats.'),
  if: z.array(z.string().max(shortest)).default([]).describe('Tests that must be true first.'),
  expectedresult: z.boolean().optional().describe('What should come out; a soft error says where it does not.'),
  expecterror: z.boolean().optional().describe('Whether the test should fail; a soft error says where it does not.'),
});
export type PolicyTest = z.output<typeof PolicyTest>;

const Variable = z.strictObject({ key: text('Name; ${name} stands for the value.'), value: text('The value.') });
export type Variable = z.output<typeof Variable>;

export const Document = z
  .strictObject({
    variables: z.array(Variable).default([]).describe('Values for ${name} in objects.'),
    objects: z.array(PolicyObject).default([]).describe('What is looked at.'),
    tests: z.array(PolicyTest).min(1).describe('What should be true of it.'),
  })
  .superRefine((document, context) => {
    for (const { path, message } of checkDocument(document))
      context.addIssue({ code: 'custom', path: [...path], message });
  });
export type Document = z.output<typeof Document>;
