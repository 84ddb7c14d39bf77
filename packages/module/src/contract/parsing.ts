/**
 * How zod runs the schemas of modules: as they are. Compiling a function for each of them first pays from some thousand
 * values on, and takes a process that answers once longer than the answer.
 */
export const asWritten = { jitless: true } as const;
