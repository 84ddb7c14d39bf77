/** What the numbers in a record of a system call mean. */
import { syscallTables } from './syscall-tables.ts';

/** Tables that were asked for, as lists. */
const lists = new Map<string, readonly string[]>();

/**
 * The names of an architecture (`arch=c000003e`) and of a call there (`syscall=59`), as auditd's enriched format adds
 * them; undefined where they are not known.
 */
export function syscallName(
  arch: string,
  number: string,
): { readonly arch: string; readonly call: string | undefined } | undefined {
  const table = syscallTables[arch];
  if (table === undefined || !/^\d{1,6}$/.test(number)) return undefined;
  const list = lists.get(arch) ?? table.calls.split(' ');
  lists.set(arch, list);
  const call = list[Number(number)];
  return { arch: table.name, call: call === '-' ? undefined : call };
}
