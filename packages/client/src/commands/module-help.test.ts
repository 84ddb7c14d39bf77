import { helpLines } from '@mig/module';
import { available } from '@mig/modules';
import { expect, test } from 'vitest';
import { moduleHelp } from './module-help.ts';

test('help of every module fits 80 columns, but for commands and long choices, and says the same', () => {
  for (const module of available.modules) {
    const lines = moduleHelp(module, 80);
    expect(lines.filter((line) => line.length > 80 && !line.includes('    mig '))).toEqual([]);
    const words = (text: readonly string[]) => text.join(' ').split(/\s+/);
    expect(words(lines)).toEqual(words(helpLines(module)));
    expect(moduleHelp(module)).toEqual(helpLines(module));
  }
});
