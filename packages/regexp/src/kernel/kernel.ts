/** The inner loops of a scan: WebAssembly with SIMD where the platform has it, else the same in plain TypeScript. */
import { kernelBinary } from './kernel-binary.ts';
import { pages } from './layout.ts';
import { createPlainKernel } from './plain-kernel.ts';

/** See assembly/kernel.ts for what each function does. Places are offsets into `memory`. */
export interface Kernel {
  readonly memory: ArrayBuffer;
  run(at: number, end: number, from: number, table: number): number;
  state(): number;
  checked(): number;
  skipped(): number;
  seek(at: number, end: number, start: number, table: number, kind: number, length: number): number;
  runLanes(table: number): number;
  candidate(at: number, end: number): number;
  sequence(at: number, end: number): number;
  forms(at: number, end: number): number;
  forward(at: number, end: number, byte: number): number;
  lineStart(at: number, floor: number): number;
  longRun(at: number, end: number, length: number): number;
}

/** The part of the WebAssembly interface that is used here; it is the same in Node and in browsers. */
interface WebAssemblyInterface {
  Module: new (bytes: Uint8Array) => object;
  Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  Instance: new (module: object, imports: object) => { readonly exports: Omit<Kernel, 'memory'> };
}

let compiled: object | false | undefined;

/** Makes a kernel with a memory of its own. Memory that is not written to costs nothing. */
export function createKernel(): Kernel {
  const { WebAssembly } = globalThis as unknown as { WebAssembly?: WebAssemblyInterface };
  if (WebAssembly === undefined) return createPlainKernel();
  compiled ??= compileBinary(WebAssembly);
  if (compiled === false) return createPlainKernel();
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return { ...exports, memory: memory.buffer };
}

function compileBinary(WebAssembly: WebAssemblyInterface): object | false {
  try {
    return new WebAssembly.Module(Uint8Array.from(atob(kernelBinary), (character) => character.charCodeAt(0)));
  } catch {
    return false; // No SIMD on this processor.
  }
}
