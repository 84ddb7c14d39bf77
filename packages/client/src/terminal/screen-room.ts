/** How wide the text of a page is. */

/** Text that is wider than this is hard to read, whatever the screen. */
const widest = 110;

/** Columns for text: of the screen, where there is one. */
export function screenRoom(): number {
  return Math.min(process.stdout.columns || widest, widest);
}
