/**
 * Writes the names of system calls that the audit module knows, as `ausyscall --dump` of audit lists them:
 * `tsx tools/syscall-tables.ts`, where auditd is installed. The file is committed, since few machines have that.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What records say of the architecture (linux/audit.h, AUDIT_ARCH_*), and what ausyscall(8) calls it. */
const architectures = { c000003e: 'x86_64', '40000003': 'i386', c00000b7: 'aarch64', '40000028': 'arm' } as const;
/** Numbers beyond are no places in a table: arm has some from 983,041 on. */
const mostCalls = 1_024;

const version = execFileSync('auditctl', ['-v'], { encoding: 'utf8' }).trim().replace('auditctl version ', '');
const tables = Object.entries(architectures).map(([arch, name]) => {
  const calls: string[] = [];
  for (const line of execFileSync('ausyscall', [name, '--dump'], { encoding: 'utf8' }).split('\n')) {
    const [, number, call] = /^(\d+)\t(\S+)$/.exec(line) ?? [];
    if (call !== undefined && Number(number) < mostCalls) calls[Number(number)] = call;
  }
  const text = Array.from(calls, (call) => call ?? '-').join(' ');
  const key = /^\d/.test(arch) ? `'${arch}'` : arch;
  return `  ${key}: {\n    name: '${name}',\n    calls:\n      '${text}',\n  },\n`;
});
const path = join(import.meta.dirname, '../packages/modules/src/audit/syscall-tables.ts');
writeFileSync(
  path,
  `/**
 * The names of system calls by architecture, in the order of their numbers, \`-\` for a number that is none. Made by
 * tools/syscall-tables.ts from \`ausyscall --dump\` of audit ${version}; the keys are AUDIT_ARCH_* of linux/audit.h.
 */
export const syscallTables: Readonly<Record<string, { readonly name: string; readonly calls: string } | undefined>> = {
${tables.join('')}};
`,
);
