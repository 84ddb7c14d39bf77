/** Text in lines that are no wider than the screen. */

/** Text that is wider than this is hard to read, whatever the screen. */
const widest = 110;

/** Columns for text: of the screen, where there is one. */
export function screenRoom(): number {
  return Math.min(process.stdout.columns || widest, widest);
}

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
