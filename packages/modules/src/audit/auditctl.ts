/** auditctl(8): the way to the kernel's rules, limits and counters that every system with auditd has. */
import { runProgram } from '../run-program.ts';
import { splitWords } from '../split-words.ts';

const env = { PATH: '/usr/sbin:/sbin:/usr/bin:/bin', LC_ALL: 'C' };
const timeoutMs = 10_000;

export interface AuditStatus {
  /** The process that gets the events; 0 for none. */
  readonly pid: number;
  readonly enabled: number;
  readonly lost: number;
  readonly backlog: number;
}

/** Throws an Error with what auditctl says, or that it is not there. */
export async function readStatus(signal: AbortSignal): Promise<AuditStatus> {
  const text = await run(['-s'], signal);
  const value = (name: string) => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return { pid: value('pid'), enabled: value('enabled'), lost: value('lost'), backlog: value('backlog') };
}

export async function setLimits(limits: {
  ratelimit?: number | undefined;
  backloglimit?: number | undefined;
}): Promise<void> {
  if (limits.ratelimit !== undefined) await run(['-r', `${limits.ratelimit}`]);
  if (limits.backloglimit !== undefined) await run(['-b', `${limits.backloglimit}`]);
}

/** Gives whether the rule was new. Throws an Error where the kernel does not take it. */
export async function addRule(rule: string): Promise<boolean> {
  try {
    await run(splitWords(rule));
    return true;
  } catch (error) {
    if (/Rule exists/.test((error as Error).message)) return false;
    throw new Error(`rule '${rule}': ${(error as Error).message}`);
  }
}

/** Takes a rule away that `addRule` has added; one that is gone already is none. */
export async function deleteRule(rule: string): Promise<void> {
  const [option, ...words] = splitWords(rule);
  try {
    await run([option === '-w' ? '-W' : '-d', ...words]);
  } catch (error) {
    if (/No such file or directory/.test((error as Error).message)) return;
    throw new Error(`rule '${rule}' is still loaded: ${(error as Error).message}`, { cause: error });
  }
}

function run(words: readonly string[], signal?: AbortSignal): Promise<string> {
  return runProgram('auditctl', words, { env, timeoutMs, signal });
}
