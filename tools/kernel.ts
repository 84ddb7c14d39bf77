/** Compiles the scan kernel of packages/regexp to WebAssembly, as the text of a source file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import { pages } from '../packages/regexp/src/kernel/layout.ts';

const source = join(import.meta.dirname, '../packages/regexp/assembly/kernel.ts');

/** The text of packages/regexp/src/kernel/kernel-binary.ts. Throws when the compiler refuses the kernel. */
export async function kernelText(): Promise<string> {
  const text = readFileSync(source, 'utf8');
  let binary: Uint8Array | undefined;
  const words = ['kernel.ts', '-O3', '--enable', 'simd', '--runtime', 'stub', '--noAssert', '--importMemory'];
  const { error, stderr } = await asc.main([...words, '--initialMemory', String(pages), '--outFile', 'kernel.wasm'], {
    readFile: (name) => (name === 'kernel.ts' ? text : null),
    writeFile: (name, contents) => {
      if (name === 'kernel.wasm') binary = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) throw new Error(`the kernel does not compile: ${stderr.toString()}`);
  const base64 = Buffer.from(binary)
    .toString('base64')
    .replace(/(.{110})/g, '$1\\\n');
  return `/** The kernel as WebAssembly, in base64: written by \`npm run generate\` from assembly/kernel.ts. */\nexport const kernelBinary = \`\\\n${base64}\`;\n`;
}
