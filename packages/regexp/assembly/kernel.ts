/**
 * The inner loops of a scan, in AssemblyScript (https://www.assemblyscript.org): compiled to WebAssembly with SIMD by
 * `npm run generate`, which writes kernel-binary.ts. Everything lies in one memory; layout.ts says where.
 */

/** Class of each byte. */
const classes: i32 = 0;
/** Low and high nibble tables of the three places of a fingerprint, 16 bytes each. */
const fingerprints: i32 = 256;
/** 1 for the bytes of the class that a long run is made of. */
const members: i32 = 512;

let stoppedIn: i32 = 0;

/** The state in which `run` stopped. */
export function state(): i32 {
  return stoppedIn;
}

/**
 * Runs the automaton whose table lies at `table` over [at, end) from `from`. Gives the place where it stopped: behind the byte that led to a state
 * that wants attention, or at the byte whose transition is unknown (-1), with `state()` the state before it.
 */
export function run(at: i32, end: i32, from: i32, table: i32): i32 {
  let now = from;
  while (at < end) {
    const next = load<i32>(table + ((now + <i32>load<u8>(classes + <i32>load<u8>(at))) << 2));
    if (next < 0) {
      if (next == -1) {
        stoppedIn = now;
        return ~at;
      }
      stoppedIn = next;
      return at + 1;
    }
    now = next;
    at++;
  }
  stoppedIn = now;
  return at;
}

/** The first place in [at, end) where three bytes may carry a fingerprint; `end` without one. Reads up to end + 17. */
export function candidate(at: i32, end: i32): i32 {
  const low0 = v128.load(fingerprints);
  const high0 = v128.load(fingerprints + 16);
  const low1 = v128.load(fingerprints + 32);
  const high1 = v128.load(fingerprints + 48);
  const low2 = v128.load(fingerprints + 64);
  const high2 = v128.load(fingerprints + 80);
  const nibble = i8x16.splat(15);
  const zero = i8x16.splat(0);
  while (at < end) {
    const a = v128.load(at);
    const b = v128.load(at, 1);
    const c = v128.load(at, 2);
    const inA = v128.and(i8x16.swizzle(low0, v128.and(a, nibble)), i8x16.swizzle(high0, i8x16.shr_u(a, 4)));
    const inB = v128.and(i8x16.swizzle(low1, v128.and(b, nibble)), i8x16.swizzle(high1, i8x16.shr_u(b, 4)));
    const inC = v128.and(i8x16.swizzle(low2, v128.and(c, nibble)), i8x16.swizzle(high2, i8x16.shr_u(c, 4)));
    const all = v128.and(v128.and(inA, inB), inC);
    if (v128.any_true(all)) {
      const found = at + ctz(i8x16.bitmask(i8x16.ne(all, zero)));
      return found < end ? found : end;
    }
    at += 16;
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

/** The place behind the last newline in [floor, at); `floor` without one. */
export function lineStart(at: i32, floor: i32): i32 {
  while (at > floor) {
    if (load<u8>(at - 1) == 10) return at;
    at--;
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
