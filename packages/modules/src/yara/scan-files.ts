/** Scans the files that a search finds: the part of the yara module that touches the machine. */
import { durationSince, type Findings, type RunContext } from '@mig/module';
import { type FoundFile, findFiles } from '../found-files.ts';
import { compileRules } from './engine.ts';
import { readFileSearch } from './file-search.ts';
import { type Share, scanShare } from './scan-share.ts';
import type { ThreadTask } from './second-thread.ts';
import type { Elements, Parameters, Statistics } from './yara.ts';

/** Bytes to scan that make a second thread worth its start, and a second compilation of the rules. */
const worthSharing = 16 * 1024 ** 2;
/** Above this a file is scanned while no other is held: two of them would be more memory than a module has. */
const largestShared = 64 * 1024 ** 2;

export async function scanFiles(context: RunContext<Parameters>): Promise<Findings<Elements, Statistics>> {
  const started = performance.now();
  const { searches, matchlimit } = readFileSearch(context.parameters.filesearch);
  const rules = compileRules(context.parameters.yara);
  const found = [...(await findFiles(context, searches)).values()].flat();
  const files = matchlimit > 0 ? found.slice(0, matchlimit) : found;
  if (files.length < found.length) context.warn(`${found.length} files were found, ${files.length} are scanned`);

  const shared = files.filter(({ sizeBytes }) => sizeBytes <= largestShared);
  const alone = files.filter(({ sizeBytes }) => sizeBytes > largestShared);
  const counter = new Int32Array(new SharedArrayBuffer(4));
  const other = startSecond(context, shared, counter);
  const shares = [await scanShare(rules, shared, counter, context.breathe)];
  if (other !== undefined) shares.push(await other);
  shares.push(await scanShare(rules, alone, new Int32Array(1), context.breathe));

  for (const error of shares.flatMap(({ errors }) => errors).sort()) context.warn(error);
  const matches = shares.flatMap((share) => share.matches).sort((a, b) => (a.object < b.object ? -1 : 1));
  const sum = (count: (share: Share) => number) => shares.reduce((total, share) => total + count(share), 0);
  const exectime = durationSince(started);
  return {
    foundanything: matches.length > 0,
    elements: { matches },
    statistics: {
      filescount: sum(({ filescount }) => filescount),
      bytesscanned: sum(({ bytesscanned }) => bytesscanned),
      totalhits: matches.length,
      exectime,
    },
  };
}

/** Starts a second thread where there is enough to do for two; what it did comes when no file is left. */
function startSecond(
  context: RunContext<Parameters>,
  files: readonly FoundFile[],
  counter: Int32Array,
): Promise<Share> | undefined {
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (bytes < worthSharing) return undefined;
  const task = { rules: context.parameters.yara, files, shared: counter.buffer as SharedArrayBuffer };
  const thread = context.startThread('yara', task satisfies ThreadTask);
  if (thread === undefined) return undefined;
  const share = new Promise<Share>((resolve, reject) => {
    thread.on('message', (message) => resolve(message as Share));
    thread.on('error', reject);
  });
  share.catch(() => {}); // It is awaited when the files are through.
  return share;
}
