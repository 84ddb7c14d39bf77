/**
 * `npm run bench -- memory`: MB/s of the memory module over a process of 1 GB that holds the bytes of programs, beside
 * a plain copy of the same memory through the same interface; its peak memory; and what the scanned process felt of it.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runModule } from '@mig/module/host';
import { parseMappings, scannable } from '../packages/modules/src/memory/mappings.ts';
import { memory } from '../packages/modules/src/memory/memory.ts';
import { median, rounds } from './rounds.ts';

const gigabyte = 1024 ** 3;

/** Fills memory with files, then maps, writes and unmaps a page over and over; reports each line read. */
const holder = `
import glob, mmap, sys, time, select
size = ${gigabyte}
held = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
def files():
    while True:
        for path in sorted(glob.glob('/usr/bin/*') + glob.glob('/usr/lib/*/*.so*')):
            try: yield open(path, 'rb').read()
            except OSError: pass
at = 0
for data in files():
    data = data[:size - at]
    held[at:at + len(data)] = data
    at += len(data)
    if at == size: break
del data
print('ready', flush=True)
times = []
while True:
    if select.select([sys.stdin], [], [], 0)[0]:
        if not sys.stdin.readline(): break
        times.sort()
        print(f'{times[len(times) // 2] * 1e6:.0f} {times[int(len(times) * 0.99)] * 1e6:.0f} {times[-1] * 1e6:.0f}', flush=True)
        times = []
    began = time.perf_counter()
    page = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    page[0] = 1
    page.close()
    times.append(time.perf_counter() - began)
    time.sleep(0.0005)
`;

const child = spawn('python3', ['-c', holder], { stdio: ['pipe', 'pipe', 'inherit'] });
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
const nextLine = async () => (await lines.next()).value as string;
// As the runner does with module processes: what the scanned process feels is measured too.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

try {
  await nextLine();
  const pid = child.pid!;
  const name = readFileSync(`/proc/${pid}/maps`, 'utf8').match(/ (\/\S*python\S*)$/m)![1]!;
  await new Promise((resolve) => setTimeout(resolve, 1000));
  child.stdin.write('report\n');
  const idle = await nextLine();

  const rows: [string, number][] = [['plain copy through /proc/PID/mem', await medianOf(() => copy(pid))]];
  const questions: [string, object][] = [
    ['byte string of 16', { bytes: ['deadbeef00c0ffee0123456789abcdef'] }],
    ['byte string of 8, text', { bytes: [Buffer.from('mysql://').toString('hex')] }],
    ['ten byte strings', { bytes: Array.from({ length: 10 }, (_, i) => `c0ffee${i}${i}badc0de${i}`) }],
    [
      '500 byte strings',
      { bytes: Array.from({ length: 500 }, (_, i) => createHash('md5').update(`${i}`).digest('hex')) },
    ],
    ['regexp mysql://[a-z]+:nosuchpassword', { contents: ['mysql://[a-z]+:nosuchpassword'] }],
    ['regexp (?i)nosuchpassword', { contents: ['(?i)nosuchpassword'] }],
    ['regexp AKIA[0-9A-Z]{16}nosuch', { contents: ['AKIA[0-9A-Z]{16}nosuch'] }],
    ['regexp with zeros, UTF-16', { contents: ['n\\x00o\\x00s\\x00u\\x00c\\x00h\\x00p'] }],
    ['ten regexps', { contents: Array.from({ length: 10 }, (_, i) => `nosuch[a-z]+${i}word`) }],
  ];
  for (const [title, filters] of questions) {
    rows.push([title, await medianOf(() => scan(`^${name}$`, pid, filters))]);
  }
  child.stdin.write('report\n');
  const busy = await nextLine();

  const ceiling = rows[0]![1];
  for (const [title, rate] of rows) {
    process.stdout.write(`${title.padEnd(42)} ${rate.toFixed(0).padStart(6)} MB/s  ${(rate / ceiling).toFixed(2)}\n`);
  }
  process.stdout.write(
    `map, write, unmap a page, µs (median, 99 %, longest): ${idle} idle, ${busy} during the scans\n`,
  );
  process.stdout.write(`peak memory of the module's process: ${await peakMb(`^${name}$`)} MB\n`);
} finally {
  child.kill();
}

/** MB/s of `measure`, which gives bytes: the median of some. */
async function medianOf(measure: () => Promise<number> | number): Promise<number> {
  const rates: number[] = [];
  for (let i = rounds(3); i > 0; i--) {
    const began = performance.now();
    const bytes = await measure();
    rates.push(bytes / 1000 / (performance.now() - began));
  }
  return median(rates);
}

function copy(pid: number): number {
  const into = Buffer.allocUnsafeSlow(262_144);
  const file = openSync(`/proc/${pid}/mem`, 'r');
  let bytes = 0;
  for (const { start, end } of scannable(parseMappings(readFileSync(`/proc/${pid}/maps`, 'utf8')))) {
    for (let at = start; at < end; ) {
      const count = readSync(file, into, 0, Math.min(into.length, end - at), at);
      bytes += count;
      at += count;
    }
  }
  closeSync(file);
  return bytes;
}

async function scan(name: string, pid: number, filters: object): Promise<number> {
  const searches = { s1: { names: [name], ...filters, options: { matchall: true } } };
  const result = await runModule(memory, { searches });
  const found = result.elements as { s1: { process: { pid: number } }[] };
  if (found.s1.some(({ process }) => process.pid === pid)) throw new Error('found what is not there');
  return (result.statistics as { memoryread: number }).memoryread;
}

/** Peak resident memory of a module process that scans, from its own status, in MB. */
async function peakMb(name: string): Promise<string> {
  const script = join(import.meta.dirname, '../packages/agent/dist/mig-agent.cjs');
  const agent = spawn(process.execPath, [script, '-m', 'memory'], { stdio: ['pipe', 'ignore', 'inherit'], env: {} });
  const searches = {
    s1: { names: [name], contents: ['nosuch[a-z]+word'], bytes: ['c0ffee00badc0de0'], options: { matchall: true } },
  };
  agent.stdin.write(`${JSON.stringify({ class: 'parameters', parameters: { searches } })}\n`);
  let peak = 'unknown';
  const watch = setInterval(() => {
    try {
      const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${agent.pid}/status`, 'latin1'))?.[1];
      if (kilobytes !== undefined) peak = (Number(kilobytes) / 1024).toFixed(0);
    } catch {
      // It has ended.
    }
  }, 10);
  await new Promise((resolve) => agent.on('close', resolve));
  clearInterval(watch);
  return peak;
}
