/** Rows in columns, as wide as they need to be. */
import { printable } from '@mig/module';

/** Gives a line for each row, below the headings where there are some; control characters are escaped. */
export function tableLines(rows: readonly (readonly string[])[], headings: readonly string[] = []): string[] {
  const headed = rows.length === 0 || headings.length === 0 ? rows : [headings, ...rows];
  const shown = headed.map((row) => row.map(printable));
  const widths = (shown[0] ?? []).map((_, column) =>
    shown.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0),
  );
  return shown.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
