/** The journal for people: a table with a line for each action, and one action in full. */
import { type JournalRecord, originOf } from './journal-records.ts';

const heads = ['WHEN', 'ACTION', 'OUTCOME', 'SIGNED BY', 'NAME', 'OPERATIONS'] as const;

/** A line for each record, below a line of heads. */
export function tableOf(records: readonly JournalRecord[]): string[] {
  const rows = [heads, ...records.map(rowOf)];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map(
    (row) =>
      `${row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd()}\n`,
  );
}

function rowOf(record: JournalRecord): readonly string[] {
  const { actionid, asked, refused } = record;
  const { time, signers } = originOf(record);
  const operations = (asked?.operations ?? []).map(({ module }, i) => `${module}: ${foundBy(record, i)}`);
  const codes = refused?.refusals.map(({ code }) => code) ?? [];
  const cells = [
    time.replace(/\.\d+Z$/, 'Z'),
    actionid,
    outcomeOf(record),
    signers.map(({ investigator }) => investigator).join(', ') || 'nobody valid',
    nameOf(record),
    [...operations, ...codes].join(', '),
  ];
  return cells.map(printable);
}

/** All that the journal says of one action. */
export function textOf(record: JournalRecord): string[] {
  const { actionid, asked, answered, refused } = record;
  const { time, signers } = originOf(record);
  const lines = [`${actionid} '${nameOf(record)}', ${outcomeOf(record)}`, `when       ${time}`];
  if (answered !== undefined) lines.push(`until      ${answered.time}`);
  if (signers.length === 0) lines.push('signed by  nobody whose signature is valid');
  for (const { investigator, fingerprint } of signers) lines.push(`signed by  ${investigator} (${fingerprint})`);
  if (asked !== undefined) lines.push(`target     ${asked.target}`);
  for (const [i, { module, parameters }] of (asked?.operations ?? []).entries()) {
    lines.push(`${module}: ${foundBy(record, i)}`, `  asked    ${JSON.stringify(parameters)}`);
    const result = answered?.results?.[i];
    if (result !== undefined) lines.push(`  answered ${JSON.stringify(result)}`);
  }
  for (const { operation, code, message } of answered?.refusals ?? refused?.refusals ?? []) {
    lines.push(`refused    ${operation === null ? '' : `operation ${operation + 1}: `}${code}: ${message}`);
  }
  return lines.map((line) => `${printable(line)}\n`);
}

function nameOf({ asked, refused }: JournalRecord): string {
  return asked?.name ?? refused?.name ?? '(unknown: not validly signed)';
}

function outcomeOf({ asked, answered, refused }: JournalRecord): string {
  if (refused !== undefined) return refused.status === 'failed' ? 'refused' : refused.status;
  if (asked?.operations.every((_, i) => refusalOf(answered, i) !== undefined)) return 'refused';
  return answered?.status ?? (asked === undefined ? 'unknown' : 'running, or interrupted');
}

function foundBy({ answered }: JournalRecord, operation: number): string {
  const refusal = refusalOf(answered, operation);
  if (refusal !== undefined) return `refused (${refusal.code})`;
  const result = answered?.results?.[operation];
  if (result === undefined) return 'no answer';
  if (!result.success) return 'failed';
  return result.foundanything ? 'found' : 'found nothing';
}

function refusalOf(answered: JournalRecord['answered'], operation: number) {
  return answered?.refusals.find((one) => one.operation === operation);
}

/** Text from outside, fit for a terminal. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\uFFFD');
}
