/**
 * What a start-up snapshot should already have done: a run. V8 keeps the bytecode of what has run, and most of what a short
 * run takes would be to parse it anew.
 */
import { encodeMessage, encodeResult } from '@mig/module';
import { runOnce } from '@mig/module/host';
import { available } from '@mig/modules';

/**
 * Asks the module `file`, which people wait for the most, about `directory`. It opens no file: what this user may open, and
 * this processor can, is not to be remembered.
 */
export async function warmUp(directory: string): Promise<void> {
  const searches = {
    found: { paths: [directory], names: ['.'], sizes: ['>0'], mtimes: ['<9000d'], options: { matchall: true } },
    unread: { paths: [directory], names: ['^$'], contents: ['a[0-9]', '^b'], options: { matchall: true } },
  };
  const message = encodeMessage({ class: 'parameters', parameters: { searches } });
  const result = await runOnce(available.get('file'), lineOf(message));
  if (!result.success) throw new Error(`the module file, asked about ${directory}: ${result.errors?.join('; ')}`);
  encodeResult(result);
}

async function* lineOf(text: string): AsyncGenerator<string> {
  yield text;
}
