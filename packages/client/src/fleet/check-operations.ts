/** Checks the operations of a file before anybody signs them: a mistake is told here, and not by every agent. */
import type { Operation } from '@mig/action';
import { type AnyModule, closest, InvalidParameters, type Problem, validateParameters } from '@mig/module';
import { available } from '@mig/modules';

export interface CheckedOperations {
  readonly operations: readonly Operation[];
  /** What was taken otherwise than it was written, and modules that `mig` does not know, and agents may. */
  readonly notes: readonly string[];
}

/**
 * Gives `operations` as they can be signed. Throws InvalidParameters, with `source` in front, for parameters that a
 * module refuses, and for a name that is next to one that is known.
 */
export function checkOperations(operations: readonly Operation[], source: string): CheckedOperations {
  const notes: string[] = [];
  const checked = operations.map((operation, i) => {
    const { module: name } = operation;
    const where = `${source}: operations[${i}]`;
    const module = available.find(name);
    if (module === undefined) {
      const near = closest(
        name,
        available.modules.map((one) => one.name),
      );
      if (near !== undefined)
        throw new InvalidParameters(`${where}: there is no module '${name}': did you mean ${near}?`);
      notes.push(`${where}: mig does not know the module '${name}'; agents without it refuse the operation`);
      return operation;
    }
    const problems = problemsOf(module, operation.parameters, where);
    if (problems === undefined) return operation;
    const parameters = withNumbers(operation.parameters, problems);
    if (problemsOf(module, parameters, where) === undefined) {
      notes.push(`${where} (${name}): texts were taken as the numbers that they stand for`);
      return { ...operation, parameters };
    }
    validate(module, operation.parameters, where);
    return operation;
  });
  return { operations: checked, notes };
}

/** Undefined when there are none. */
function problemsOf(module: AnyModule, parameters: unknown, where: string): readonly Problem[] | undefined {
  try {
    validate(module, parameters, where);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidParameters) return error.problems;
    throw error;
  }
}

function validate(module: AnyModule, parameters: unknown, where: string): void {
  try {
    validateParameters(module, parameters);
  } catch (error) {
    if (!(error instanceof InvalidParameters)) throw error;
    const { problems } = error;
    throw new InvalidParameters(`${where} (${module.name}): ${error.message}`, { cause: error, problems });
  }
}

/** Action files have always written ports as texts: where there is a problem with a text of digits, its number. */
function withNumbers(parameters: Operation['parameters'], problems: readonly Problem[]): Operation['parameters'] {
  const copy = structuredClone(parameters) as Record<PropertyKey, unknown>;
  for (const { place } of problems) {
    let holder: unknown = copy;
    for (const key of place.slice(0, -1)) holder = (holder as Record<PropertyKey, unknown>)[key];
    const last = place.at(-1);
    if (last === undefined || typeof holder !== 'object' || holder === null) continue;
    const value = (holder as Record<PropertyKey, unknown>)[last];
    if (typeof value === 'string' && /^\d{1,15}$/.test(value)) {
      (holder as Record<PropertyKey, unknown>)[last] = Number(value);
    }
  }
  return copy as Operation['parameters'];
}
