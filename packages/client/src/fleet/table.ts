/** Rows in columns, as wide as they need to be. */
import { printable } from '@mig/module';

const gap = '  ';
/** What a row that does not fit goes on with, in the same text: who filters rows has it whole. */
const goesOn = '\n    ';

/**
 * Gives a text for each row, below the headings where there are some; control characters are escaped. Where a person
 * looks on and rows with headings are wider than the screen, they go on in a line below, all before the same column.
 */
export function tableLines(
  rows: readonly (readonly string[])[],
  headings: readonly string[] = [],
  width = screenWidth(),
): string[] {
  const headed = rows.length === 0 || headings.length === 0 ? rows : [headings, ...rows];
  const shown = headed.map((row) => row.map(printable));
  const widths = (shown[0] ?? []).map((_, column) =>
    shown.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0),
  );
  const before = separatorsOf(widths, headings.length === 0 ? Number.POSITIVE_INFINITY : width);
  return shown.map((row) =>
    row
      .map((cell, column) => `${before[column] ?? gap}${cell.padEnd(widths[column] ?? 0)}`)
      .join('')
      .replace(/ +(?=\n|$)/g, ''),
  );
}

/** What stands before each column. */
function separatorsOf(widths: readonly number[], width: number): string[] {
  let used = 0;
  return widths.map((own, column) => {
    if (column === 0) {
      used = own;
      return '';
    }
    used += gap.length + own;
    if (used <= width) return gap;
    used = goesOn.length - 1 + own;
    return goesOn;
  });
}

/** Columns of the screen; without end where no person looks on. */
export function screenWidth(): number {
  return (process.stdout.isTTY && process.stdout.columns) || Number.POSITIVE_INFINITY;
}
