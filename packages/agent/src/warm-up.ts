/** What a start-up snapshot should already have done: the first use of every schema, and of the functions around a run. */
import { encodeResult, validateParameters } from '@mig/module';
import { available } from '@mig/modules';

/** Validates something with every schema of every module, so that the snapshot holds their parsers ready to use. */
export function warmUp(): void {
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
  encodeResult({ foundanything: false, success: true, elements: {}, statistics: {}, errors: null });
}
