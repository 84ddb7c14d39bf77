/**
 * What a start-up snapshot should already have done: the first use of every schema, and of the functions around a run. V8
 * keeps the bytecode of what has run, and most of what a short run takes would be to parse it anew.
 */
import { encodeMessage, encodeResult, validateParameters } from '@mig/module';
import { runOnce } from '@mig/module/host';
import { available } from '@mig/modules';

/**
 * Validates something with every schema of every module, so that the snapshot holds their parsers ready to use, and asks
 * the module `file` about `directory`. It opens no file: what this user may open, and this processor can, is not to be
 * remembered.
 */
export async function warmUp(directory: string): Promise<void> {
  for (const module of available.modules) {
    module.parameters.safeParse({});
    module.elements.safeParse({});
    module.statistics.safeParse({});
    try {
      validateParameters(module, {});
    } catch {
      // Refused, as it should be where a parameter is required.
    }
  }
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
