/** Checks the operations of a file before anybody signs them: a mistake is told here, and not by every agent. */
import type { Operation } from '@mig/action';
import { closest, InvalidParameters, validateParameters } from '@mig/module';
import { available } from '@mig/modules';

/**
 * Gives notes on modules that `mig` does not know, and agents may. Throws InvalidParameters, with `source` in front, for
 * parameters that a module refuses, and for a name that is next to one that is known.
 */
export function checkOperations(operations: readonly Operation[], source: string): string[] {
  return operations.flatMap(({ module: name, parameters }, i) => {
    const where = `${source}: operations[${i}]`;
    const module = available.find(name);
    if (module !== undefined) {
      try {
        validateParameters(module, parameters);
      } catch (error) {
        if (!(error instanceof InvalidParameters)) throw error;
        throw new InvalidParameters(`${where} (${name}): ${error.message}`, { cause: error, problems: error.problems });
      }
      return [];
    }
    const near = closest(
      name,
      available.modules.map((one) => one.name),
    );
    if (near !== undefined)
      throw new InvalidParameters(`${where}: there is no module '${name}': did you mean ${near}?`);
    return [`${where}: mig does not know the module '${name}'; agents without it refuse the operation`];
  });
}
