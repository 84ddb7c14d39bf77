/** The help of every module on a narrow screen. */
import { helpLines } from '@mig/module';
import { available } from '@mig/modules';
import { expect, test } from 'vitest';

test.each(['-', ''] as const)('fits 80 columns, but for examples, and says the same (dash %j)', (dash) => {
  for (const module of available.modules) {
    const lines = helpLines(module, dash, 80);
    const isExample = (line: string) => (dash === '-' ? line.startsWith('    mig ') : /^ {4}\S/.test(line));
    expect(lines.filter((line) => line.length > 80 && !isExample(line))).toEqual([]);
    const words = (text: readonly string[]) => text.join(' ').split(/\s+/);
    expect(words(lines)).toEqual(words(helpLines(module, dash)));
  }
});
