/**
 * The inner loops of a scan, in AssemblyScript (https://www.assemblyscript.org): compiled to WebAssembly with SIMD by
 * `npm run generate`, which writes kernel-binary.ts. Everything lies in one memory; layout.ts says where.
 * One long file: the compiler is given this one alone.
 */

/** Class of each byte. */
const classes: i32 = 0;
/** Low and high nibble tables of the three places of a fingerprint, 16 bytes each. */
const fingerprints: i32 = 256;
/** Mask, value and distance of each of the three bytes of `forms`, and the number of the one to look for alone, 3 without. */
const formTable: i32 = 352;
/** Four lanes of three 32-bit numbers: the place, the end, and the state. */
const lanes: i32 = 384;
/** 1 for the bytes of the class that a long run is made of. */
const members: i32 = 512;
/**
 * For each bucket of fingerprints where its sequences begin and end, as 32-bit numbers; then the sequences: how far before
 * the fingerprint it begins, and from 16 bytes on the mask and the value of each of 16 bytes.
 */
const sequences: i32 = 139264;
const sequenceSize: i32 = 48;

/** Marks of an entry of the table, see automaton.ts. */
const isDead: i32 = 0x40000000;
const unmarked: i32 = 0x3fffffff;
const unknown: i32 = -1;

const newline: i32 = 10;

let stoppedIn: i32 = 0;
let checkedBytes: i32 = 0;
let skippedFrom: i32 = 0;

/** The state in which `run` or `seek` stopped. */
export function state(): i32 {
  return stoppedIn;
}

/** How many bytes of candidates' lines the last `seek` ran the automaton over. */
export function checked(): i32 {
  return checkedBytes;
}

/** Where the line begins that ends the input of the last `seek` and was not run, since it may not match; its end without one. */
export function skipped(): i32 {
  return skippedFrom;
}

// @ts-ignore: decorator
@inline
function transition(table: i32, from: i32, at: i32): i32 {
  return load<i32>(table + ((from + <i32>load<u8>(classes + <i32>load<u8>(at))) << 2));
}

/**
 * Runs the automaton whose table lies at `table` over [at, end) from `from`. Gives the place where it stopped: behind
 * the byte that led to a state that wants attention (`state()` is marked then), or `~place` of the byte whose
 * transition is unknown, with `state()` the state before it. In a dead state it goes to the newline at once.
 */
export function run(at: i32, end: i32, from: i32, table: i32): i32 {
  let now = from;
  while (at < end) {
    const next = transition(table, now, at);
    if (next >= 0) {
      now = next;
      at++;
    } else if (next == unknown) {
      stoppedIn = now;
      return ~at;
    } else if ((next & isDead) != 0) {
      now = next & unmarked;
      at = forward(at + 1, end, newline);
    } else {
      stoppedIn = next;
      return at + 1;
    }
  }
  stoppedIn = now;
  return end;
}

/**
 * Runs the automaton from `start` over those lines of [at, end) that may match, by the prefilter of `kind`; `at` is the
 * start of a line. The last line may go on behind `end`: see `skipped`. Stops as `run` does.
 */
export function seek(at: i32, end: i32, start: i32, table: i32, kind: i32, length: i32): i32 {
  checkedBytes = 0;
  stoppedIn = start;
  skippedFrom = end;
  while (at < end) {
    // A sequence that begins with a line has the newline before the line for its first place.
    const found = kind == 0 ? sequence(at - 1, end) : kind == 1 ? forms(at - 1, end) : longRun(at, end, length);
    if (found >= end) {
      stoppedIn = start;
      skippedFrom = lineStart(end, at);
      return end;
    }
    const from = load<u8>(found) == newline ? found + 1 : lineStart(found, at);
    at = forward(from, end, newline) + 1;
    if (at > end) at = end;
    checkedBytes += at - from;
    const stop = run(from, at, start, table);
    if (stop != at || stoppedIn < 0) return stop;
  }
  return end;
}

/**
 * Runs the four lanes side by side, so that the processor waits for the memory once for all of them. Gives the lane
 * whose next byte has no plain transition, or -1 once a lane is at its end.
 */
export function runLanes(table: i32): i32 {
  let p0 = load<i32>(lanes);
  let p1 = load<i32>(lanes, 12);
  let p2 = load<i32>(lanes, 24);
  let p3 = load<i32>(lanes, 36);
  const e0 = load<i32>(lanes, 4);
  const e1 = load<i32>(lanes, 16);
  const e2 = load<i32>(lanes, 28);
  const e3 = load<i32>(lanes, 40);
  let s0 = load<i32>(lanes, 8);
  let s1 = load<i32>(lanes, 20);
  let s2 = load<i32>(lanes, 32);
  let s3 = load<i32>(lanes, 44);
  let stopped: i32 = -1;
  while (true) {
    let left = min(min(e0 - p0, e1 - p1), min(e2 - p2, e3 - p3));
    if (left <= 0) break;
    let n0: i32 = 0;
    let n1: i32 = 0;
    let n2: i32 = 0;
    let n3: i32 = 0;
    while (left > 0) {
      n0 = transition(table, s0, p0);
      n1 = transition(table, s1, p1);
      n2 = transition(table, s2, p2);
      n3 = transition(table, s3, p3);
      if ((n0 | n1 | n2 | n3) < 0) break;
      s0 = n0;
      s1 = n1;
      s2 = n2;
      s3 = n3;
      p0++;
      p1++;
      p2++;
      p3++;
      left--;
    }
    if (left == 0) continue;
    if (n0 < 0) {
      if (n0 == unknown || (n0 & isDead) == 0) {
        stopped = 0;
        break;
      }
      s0 = n0 & unmarked;
      p0 = forward(p0 + 1, e0, newline);
    }
    if (n1 < 0) {
      if (n1 == unknown || (n1 & isDead) == 0) {
        stopped = 1;
        break;
      }
      s1 = n1 & unmarked;
      p1 = forward(p1 + 1, e1, newline);
    }
    if (n2 < 0) {
      if (n2 == unknown || (n2 & isDead) == 0) {
        stopped = 2;
        break;
      }
      s2 = n2 & unmarked;
      p2 = forward(p2 + 1, e2, newline);
    }
    if (n3 < 0) {
      if (n3 == unknown || (n3 & isDead) == 0) {
        stopped = 3;
        break;
      }
      s3 = n3 & unmarked;
      p3 = forward(p3 + 1, e3, newline);
    }
  }
  store<i32>(lanes, p0);
  store<i32>(lanes, p1, 12);
  store<i32>(lanes, p2, 24);
  store<i32>(lanes, p3, 36);
  store<i32>(lanes, s0, 8);
  store<i32>(lanes, s1, 20);
  store<i32>(lanes, s2, 32);
  store<i32>(lanes, s3, 44);
  return stopped;
}

// @ts-ignore: decorator
@inline
function inBuckets(bytes: v128, low: v128, high: v128): v128 {
  const nibble = i8x16.splat(15);
  return v128.and(
    i8x16.swizzle(low, v128.and(bytes, nibble)),
    i8x16.swizzle(high, v128.and(i16x8.shr_u(bytes, 4), nibble)),
  );
}

/** The 16 bytes of `before` and `now` that begin one byte before `now`. */
// @ts-ignore: decorator
@inline
function lateByOne(before: v128, now: v128): v128 {
  return i8x16.shuffle(before, now, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
}

/** The 16 bytes of `before` and `now` that begin two bytes before `now`. */
// @ts-ignore: decorator
@inline
function lateByTwo(before: v128, now: v128): v128 {
  return i8x16.shuffle(before, now, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
}

/**
 * The first place in [at, end) where three bytes may carry a fingerprint; `end` without one. Reads from at - 14 up to
 * end + 33. Each byte is looked up once, and what was found of the first two is moved to where the third one stands.
 */
export function candidate(at: i32, end: i32): i32 {
  const low0 = v128.load(fingerprints);
  const high0 = v128.load(fingerprints + 16);
  const low1 = v128.load(fingerprints + 32);
  const high1 = v128.load(fingerprints + 48);
  const low2 = v128.load(fingerprints + 64);
  const high2 = v128.load(fingerprints + 80);
  const zero = i8x16.splat(0);
  if (at >= end) return end;
  const before = v128.load(at - 14);
  let first = inBuckets(before, low0, high0);
  let second = inBuckets(before, low1, high1);
  while (at < end) {
    const a = v128.load(at, 2);
    const b = v128.load(at, 18);
    const firstA = inBuckets(a, low0, high0);
    const secondA = inBuckets(a, low1, high1);
    const early = v128.and(lateByTwo(first, firstA), lateByOne(second, secondA));
    first = inBuckets(b, low0, high0);
    second = inBuckets(b, low1, high1);
    const late = v128.and(lateByTwo(firstA, first), lateByOne(secondA, second));
    const inA = v128.and(early, inBuckets(a, low2, high2));
    const inB = v128.and(late, inBuckets(b, low2, high2));
    if (v128.any_true(v128.or(inA, inB))) {
      const hits = i8x16.bitmask(i8x16.ne(inA, zero)) | (i8x16.bitmask(i8x16.ne(inB, zero)) << 16);
      const found = at + ctz(hits);
      return found < end ? found : end;
    }
    at += 32;
  }
  return end;
}

/** The first place in [at, end) of a fingerprint whose sequence may stand around it; `end` without one. Reads as `candidate` does. */
export function sequence(at: i32, end: i32): i32 {
  while (true) {
    at = candidate(at, end);
    if (at >= end || isInSequence(at)) return at;
    at++;
  }
}

function isInSequence(at: i32): bool {
  const a = <i32>load<u8>(at);
  const b = <i32>load<u8>(at, 1);
  const c = <i32>load<u8>(at, 2);
  let buckets =
    <i32>load<u8>(fingerprints + (a & 15)) &
    <i32>load<u8>(fingerprints + 16 + (a >> 4)) &
    <i32>load<u8>(fingerprints + 32 + (b & 15)) &
    <i32>load<u8>(fingerprints + 48 + (b >> 4)) &
    <i32>load<u8>(fingerprints + 64 + (c & 15)) &
    <i32>load<u8>(fingerprints + 80 + (c >> 4));
  for (; buckets != 0; buckets &= buckets - 1) {
    const bucket = sequences + (ctz(buckets) << 3);
    const last = load<i32>(bucket, 4);
    for (let entry = load<i32>(bucket); entry < last; entry += sequenceSize) {
      const bytes = v128.load(at - load<i32>(entry));
      if (i8x16.all_true(i8x16.eq(v128.and(bytes, v128.load(entry, 16)), v128.load(entry, 32)))) return true;
    }
  }
  return false;
}

// @ts-ignore: decorator
@inline
function hasForms(at: i32, m0: v128, v0: v128, m1: v128, v1: v128, d1: i32, m2: v128, v2: v128, d2: i32): v128 {
  return v128.and(
    v128.and(
      i8x16.eq(v128.and(v128.load(at), m0), v0),
      i8x16.eq(v128.and(v128.load(at + d1), m1), v1),
    ),
    i8x16.eq(v128.and(v128.load(at + d2), m2), v2),
  );
}

// @ts-ignore: decorator
@inline
function hasForm(at: i32, mask: v128, value: v128): v128 {
  return i8x16.eq(v128.and(v128.load(at), mask), value);
}

/** Where the next 64 places lie, in steps of 64 from `at`, of which one has the form `distance` behind it; or `end`. */
// @ts-ignore: decorator
@inline
function withForm(at: i32, end: i32, mask: v128, value: v128, distance: i32): i32 {
  while (at < end) {
    const near = at + distance;
    const first = v128.or(hasForm(near, mask, value), hasForm(near + 16, mask, value));
    const second = v128.or(hasForm(near + 32, mask, value), hasForm(near + 48, mask, value));
    if (v128.any_true(v128.or(first, second))) return at;
    at += 64;
  }
  return end;
}

/**
 * The first place in [at, end) where the three bytes stand; `end` without one. Reads up to end + 64 + distance. Where
 * one of them is rare, it is looked for alone, and the others where it stands.
 */
export function forms(at: i32, end: i32): i32 {
  const m0 = i8x16.splat(load<i8>(formTable));
  const v0 = i8x16.splat(load<i8>(formTable + 1));
  const m1 = i8x16.splat(load<i8>(formTable + 3));
  const v1 = i8x16.splat(load<i8>(formTable + 4));
  const d1 = <i32>load<u8>(formTable + 5);
  const m2 = i8x16.splat(load<i8>(formTable + 6));
  const v2 = i8x16.splat(load<i8>(formTable + 7));
  const d2 = <i32>load<u8>(formTable + 8);
  const rare = <i32>load<u8>(formTable + 9);
  const mask = i8x16.splat(load<i8>(formTable + 3 * rare));
  const value = i8x16.splat(load<i8>(formTable + 3 * rare + 1));
  const distance = <i32>load<u8>(formTable + 3 * rare + 2);
  while (at < end) {
    if (rare < 3) {
      at = withForm(at, end, mask, value, distance);
      if (at == end) break;
    }
    const a = hasForms(at, m0, v0, m1, v1, d1, m2, v2, d2);
    const b = hasForms(at + 16, m0, v0, m1, v1, d1, m2, v2, d2);
    const c = hasForms(at + 32, m0, v0, m1, v1, d1, m2, v2, d2);
    const d = hasForms(at + 48, m0, v0, m1, v1, d1, m2, v2, d2);
    if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) {
      const low = i8x16.bitmask(a) | (i8x16.bitmask(b) << 16);
      const found = at + (low != 0 ? ctz(low) : 32 + ctz(i8x16.bitmask(c) | (i8x16.bitmask(d) << 16)));
      return found < end ? found : end;
    }
    at += 64;
  }
  return end;
}

/** The first place in [at, end) that holds `byte`; `end` without one. Reads up to end + 15. */
export function forward(at: i32, end: i32, byte: i32): i32 {
  const wanted = i8x16.splat(<i8>byte);
  while (at < end) {
    const hits = i8x16.bitmask(i8x16.eq(v128.load(at), wanted));
    if (hits != 0) {
      const found = at + ctz(hits);
      return found < end ? found : end;
    }
    at += 16;
  }
  return end;
}

/** The place behind the last newline in [floor, at); `floor` without one. Reads from floor - 16 on. */
export function lineStart(at: i32, floor: i32): i32 {
  const wanted = i8x16.splat(<i8>newline);
  while (at > floor) {
    const hits = i8x16.bitmask(i8x16.eq(v128.load(at - 16), wanted));
    if (hits != 0) {
      const found = at - 16 + (32 - clz(hits));
      return found > floor ? found : floor;
    }
    at -= 16;
  }
  return floor;
}

/** The start of the first run of `length` or more member bytes in [at, end); `end` without one. */
export function longRun(at: i32, end: i32, length: i32): i32 {
  let from = at;
  while (from + length <= end) {
    let probe = from + length - 1;
    while (probe >= from && load<u8>(members + <i32>load<u8>(probe)) != 0) probe--;
    if (probe < from) return from;
    from = probe + 1;
  }
  return end;
}
