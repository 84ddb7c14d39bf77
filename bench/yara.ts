/** `npm run bench -- yara`: 10,000 files and 500 rules, whole processes, beside the yara command. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, rounds } from './rounds.ts';

/** Numbers that look random and are the same in every run (the mulberry32 generator). */
let seed = 7;
function below(limit: number): number {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
}
const word = (length: number) => Array.from({ length }, () => String.fromCharCode(97 + below(26))).join('');
const hex = (length: number) => Array.from({ length }, () => below(256).toString(16).padStart(2, '0')).join(' ');

const shapes: readonly (() => string)[] = [
  () => `strings: $a = "${word(8)}" $b = "${word(10)}" nocase wide ascii condition: any of them`,
  () =>
    `strings: $a = { ${hex(6)} [2-6] ${hex(4)} } $b = { ${hex(5)} ( ${hex(2)} | ${hex(3)} ) ?? ${hex(2)} } condition: $a or $b`,
  () => `strings: $a = /${word(6)}[0-9a-f]{4,16}${word(2)}/ condition: #a > 2`,
  () => `strings: $a = "${word(5)}" fullword $b = "lib" condition: uint32(0) == 0x464c457f and $a and #b > 3`,
  () => `strings: $a = "${word(6)}" xor condition: $a and filesize < 10MB`,
];
const rules = Array.from({ length: 500 }, (_, i) => `rule r${i} { ${shapes[i % shapes.length]!()} }`).join('\n');

const folder = mkdtempSync(join(tmpdir(), 'mig-bench-yara-'));
try {
  const rulesFile = join(folder, 'rules.yar');
  writeFileSync(rulesFile, rules);
  const corpus = join(folder, 'files');
  const bytes = makeCorpus(corpus, 10_000);
  const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env } = process.env;
  const agent = join(import.meta.dirname, '../packages/agent/dist/mig-agent.cjs');
  const parameters = { yara: rules, filesearch: `-path ${corpus} -name .` };
  const input = `${JSON.stringify({ class: 'parameters', parameters })}\n`;
  const commands: Record<string, () => void> = {
    'mig-agent -m yara': () =>
      execFileSync(process.execPath, [agent, '-m', 'yara'], { input, env, maxBuffer: 1 << 28 }),
    'yara -r': () => execFileSync('yara', ['-w', '-r', rulesFile, corpus], { env, stdio: 'pipe', maxBuffer: 1 << 28 }),
    'yara -r -p 1': () =>
      execFileSync('yara', ['-w', '-p', '1', '-r', rulesFile, corpus], { env, stdio: 'pipe', maxBuffer: 1 << 28 }),
  };
  const times: Record<string, number[]> = {};
  for (let round = rounds(4); round >= 0; round--) {
    for (const [title, command] of Object.entries(commands)) {
      const began = performance.now();
      command();
      if (round < rounds(4)) times[title] = [...(times[title] ?? []), performance.now() - began];
    }
  }
  for (const [title, taken] of Object.entries(times)) {
    const middle = median(taken);
    process.stdout.write(
      `${title.padEnd(20)} ${middle.toFixed(0).padStart(6)} ms  ${(bytes / 1000 / middle).toFixed(0).padStart(5)} MB/s\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** Fills `root` with files of 1 to 128 KiB that are cut from the programs and libraries of this machine; gives their bytes. */
function makeCorpus(root: string, count: number): number {
  const sources = ['/usr/bin', '/usr/share/perl/5.36', '/usr/share/doc'].flatMap((path) => filesIn(path).slice(0, 400));
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const source = readFileSync(sources[i % sources.length]!);
    const size = Math.min(source.length, 1024 << below(8));
    const start = below(Math.max(1, source.length - size));
    const path = join(root, String(i % 100));
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, `f${i}`), source.subarray(start, start + size));
    bytes += size;
  }
  return bytes;
}

function filesIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => statSync(file).size > 512);
  } catch {
    return [];
  }
}
