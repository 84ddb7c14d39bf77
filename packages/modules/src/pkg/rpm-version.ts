/** The order of rpm's versions: rpm-version(7) (https://rpm.org/docs/latest/man/rpm-version.7), `epoch:version-release`. */

/** Negative when `a` is older than `b`, 0 when they are of one age, positive when it is newer. */
export function compareRpm(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  return (
    comparePart(left.epoch, right.epoch) ||
    comparePart(left.version, right.version) ||
    compareRelease(left.release, right.release)
  );
}

function split(text: string): { epoch: string; version: string; release: string | undefined } {
  const [, epoch, rest] = /^(?:(\d*):)?(.*)$/s.exec(text)!;
  const dash = rest!.lastIndexOf('-');
  return {
    epoch: epoch || '0',
    version: dash < 0 ? rest! : rest!.slice(0, dash),
    release: dash < 0 ? undefined : rest!.slice(dash + 1),
  };
}

/** A version without release comes before the same one with any. */
function compareRelease(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return comparePart(a, b);
}

const separator = /[^A-Za-z0-9~^]*/y;
const digits = /[0-9]+/y;
const letters = /[A-Za-z]+/y;

/** Segment by segment: runs of digits as numbers, runs of letters as text, `~` before and `^` behind the end. */
function comparePart(a: string, b: string): number {
  if (a === b) return 0;
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    i += take(separator, a, i).length;
    j += take(separator, b, j).length;
    const mark = compareMarks(a[i], b[j]);
    if (mark === 'same') {
      i++;
      j++;
      continue;
    }
    if (mark !== undefined) return mark;
    if (i >= a.length || j >= b.length) break;
    const kind = take(digits, a, i) === '' ? letters : digits;
    const [one, other] = [take(kind, a, i), take(kind, b, j)];
    if (other === '') return kind === digits ? 1 : -1;
    const difference = kind === digits ? compareNumbers(one, other) : compareTexts(one, other);
    if (difference !== 0) return difference;
    i += one.length;
    j += other.length;
  }
  return Number(i < a.length) - Number(j < b.length);
}

/** A tilde sorts before everything, also the end. A caret sorts behind the end, and before everything else. */
function compareMarks(a: string | undefined, b: string | undefined): number | 'same' | undefined {
  for (const mark of ['~', '^']) {
    if (a !== mark && b !== mark) continue;
    if (a === b) return 'same';
    if (mark === '^' && (a === undefined || b === undefined)) return a === undefined ? -1 : 1;
    return a === mark ? -1 : 1;
  }
  return undefined;
}

function take(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return left.length - right.length || compareTexts(left, right);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
