/** The help of a module, as wide as the screen. */
import { type AnyModule, helpLines } from '@mig/module';
import { screenWidth } from '../fleet/table.ts';
import { wrapped } from '../terminal/wrapped.ts';

/** Lines of help; what is wider than `width` goes on below its column. Commands stay whole, to be copied. */
export function moduleHelp(module: AnyModule, width = screenWidth()): string[] {
  return helpLines(module).flatMap((line) => {
    if (line.length <= width || /^\s*mig /.test(line)) return [line];
    const lead = /^\s*(?:\S.*? {2,})?/.exec(line)![0];
    const parts = wrapped(line.slice(lead.length), Math.max(30, width - lead.length));
    return parts.map((part, i) => `${i === 0 ? lead : ' '.repeat(lead.length)}${part}`);
  });
}
