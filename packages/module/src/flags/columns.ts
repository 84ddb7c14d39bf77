/** Text for people, in lines that fit. */

/** Fewest characters that a column of text gets, however narrow the screen is. */
const narrowest = 30;

/** Breaks `text` at blanks into lines of at most `room` characters, but for longer words. */
export function wrapped(text: string, room: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= room) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/**
 * What is on the left of each row, and beside it what is on the right, in lines of at most `room` characters. The left
 * column is as wide as its rows need, up to `widest`; what is wider than that has a line of its own.
 */
export function columnLines(
  rows: readonly (readonly [left: string, right: string])[],
  room: number,
  widest = Number.POSITIVE_INFINITY,
): string[] {
  const width = Math.min(widest, Math.max(0, ...rows.map(([left]) => left.length)));
  return rows.flatMap(([left, right]) => {
    const lines = wrapped(right, Math.max(narrowest, room - width - 4));
    const isOwn = left.length > width;
    const beside = lines.map((line, i) => `  ${(i === 0 && !isOwn ? left : '').padEnd(width)}  ${line}`);
    return isOwn ? [`  ${left}`, ...beside] : beside;
  });
}
