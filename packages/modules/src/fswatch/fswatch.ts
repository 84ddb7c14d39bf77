/**
 * Answers: which files of this endpoint came, went or changed, and what changed about them?
 *
 * Reads the metadata and the hash of every file that it watches, and raises an alert for each change. Never changes
 * anything, and never says what is in a file.
 */
import { definePersistentModule, durationBetween } from '@mig/module';
import { z } from 'zod';

const WatchedPath = z
  .string()
  .regex(
    /^(recursive:)?(\/(?!\.{0,2}\/*$)|[A-Za-z]:\\)[^\0]*$/,
    'expected an absolute path other than /, with recursive: before it for a whole tree',
  );

const Config = z.strictObject({
  paths: z
    .array(WatchedPath)
    .max(1000)
    .default([])
    .describe("Files and directories to watch, recursive: before a whole tree. Default: the platform's list."),
  exclude: z
    .array(z.string().regex(/^(\/|[A-Za-z]:\\)/, 'expected an absolute path'))
    .max(1000)
    .default([])
    .describe('Files and trees to leave out.'),
  settle: durationBetween('10ms', '1m', '500ms')
    .default('500ms')
    .describe('How long a file must be quiet before it is looked at.'),
  rescan: durationBetween('100ms', '24h', '5m')
    .default('5m')
    .describe('How often everything is compared with what is known.'),
  poll: durationBetween('100ms', '24h', '30s')
    .default('30s')
    .describe('The same, for directories that the system does not watch.'),
  hashrate: z.int().min(1).max(100_000).default(32).describe('MiB that are hashed in a second, at most.'),
  hashlimit: z.int().min(0).max(1_000_000).default(1024).describe('Size in MiB over which files are not hashed.'),
});
export type Config = z.output<typeof Config>;

const Parameters = z.strictObject({
  path: z
    .string()
    .regex(/^(\/|[A-Za-z]:\\)/, 'expected an absolute path')
    .optional()
    .describe('Only changes at this path and below; what is known of the files there as well.')
    .meta({ hint: '<path>' }),
  limit: z
    .int()
    .min(1)
    .max(1000)
    .default(20)
    .describe('Most changes and files to return, the last ones of all.')
    .meta({ hint: '<n>' }),
});
export type Parameters = z.output<typeof Parameters>;

const FileType = z.enum(['file', 'directory', 'link', 'special']);
const path = z.string().describe('Where it is');
const type = FileType.describe('What it is');

const Change = z.strictObject({
  time: z.string().describe('When it was noticed'),
  change: z.enum(['created', 'removed', 'changed']).describe('Kind of change'),
  type,
  path,
  what: z.array(z.string()).describe('What changed: size, mode, owner, mtime, sha256, target, type'),
  whileaway: z.boolean().optional().describe('Whether it was found at the start: it changed while nobody watched'),
});
export type Change = z.output<typeof Change>;

const KnownFile = z.strictObject({
  path,
  type,
  size: z.number().optional().describe('Size in bytes'),
  mode: z.string().describe('Mode'),
  owner: z.string().describe('User and group id'),
  mtime: z.string().optional().describe('When it was modified'),
  sha256: z.string().optional().describe('Hash of its content'),
  target: z.string().optional().describe('Where a symbolic link points to'),
});
export type KnownFile = z.output<typeof KnownFile>;

const WatchedRoot = z.strictObject({
  path: z.string().describe('What is watched'),
  recursive: z.boolean().describe('Whether with all below'),
  present: z.boolean().describe('Whether it is there now'),
});
export type WatchedRoot = z.output<typeof WatchedRoot>;

const Elements = z.strictObject({
  ok: z.boolean().describe('Whether the system watches all of it and nothing was dropped'),
  watching: z.int().describe('Files and directories that are watched'),
  alerts: z.int().describe('Alerts that were raised'),
  dropped: z.int().describe('Alerts that were dropped'),
  roots: z.array(WatchedRoot).describe('The paths of the configuration'),
  changes: z.array(Change).describe('The last changes, in the order of their time'),
  files: z.array(KnownFile).optional().describe('What is known of the files at the path and below'),
});
export type Elements = z.output<typeof Elements>;

const Statistics = z.strictObject({
  directories: z.int().describe('Directories that are watched'),
  scanned: z.int().describe('Those among them that are only scanned from time to time'),
  tohash: z.int().describe('Files that were not hashed yet'),
  hashedbytes: z.int().describe('Bytes that were hashed'),
  events: z.int().describe('Hints that came from the system'),
  rescans: z.int().describe('Comparisons of everything'),
  unreadable: z.int().describe('Files and directories that could not be read'),
});
export type Statistics = z.output<typeof Statistics>;

export const fswatch = definePersistentModule({
  name: 'fswatch',
  summary: 'Watches files and raises an alert when one is created, removed or changes.',
  platforms: ['linux', 'darwin', 'win32'],
  needs: [],
  config: Config,
  parameters: Parameters,
  elements: Elements,
  statistics: Statistics,
  examples: [
    { asks: 'What changed on this endpoint of late?', flags: [] },
    { asks: 'Which cron jobs came, went or changed?', flags: ['-path', '/etc/cron.d', '-limit', '100'] },
  ],

  async runPersistent(context) {
    const { startWatching } = await import('./start-watching.ts');
    return startWatching(context);
  },

  *printElements({ ok, watching, alerts, dropped, roots, changes, files = [] }) {
    yield `${ok ? 'ok' : 'not ok'}: watching ${watching} files, ${alerts} alerts raised, ${dropped} dropped`;
    for (const { path, recursive, present } of roots) {
      if (!present) yield `absent: ${path}${recursive ? ' (recursive)' : ''}`;
    }
    for (const { time, change, type, path, what, whileaway } of changes) {
      const how = [...what, ...(whileaway ? ['while fswatch was not running'] : [])];
      yield `${time} ${change} ${type} ${path}${how.length > 0 ? ` (${how.join(', ')})` : ''}`;
    }
    for (const { path, type, size = '-', mode, owner, mtime = '-', sha256, target } of files) {
      yield `known ${type} ${path} [mode:${mode} owner:${owner} size:${size} mtime:${mtime}] ${sha256 ?? target ?? ''}`.trimEnd();
    }
  },

  enhanceAlertPrivacy: ({ fields: { change, type, what, whileaway } }) => ({
    message: `${type} ${change}${whileaway ? ', while fswatch was not running' : ''}`,
    fields: { change, type, ...(what === undefined ? {} : { what }), ...(whileaway ? { whileaway } : {}) },
  }),
  enhancePrivacy: (elements) => ({
    ...elements,
    roots: elements.roots.map((one) => ({ ...one, path: 'masked' })),
    changes: elements.changes.map((one) => ({ ...one, path: 'masked' })),
    ...(elements.files === undefined
      ? {}
      : {
          files: elements.files.map(({ target, ...one }) => ({
            ...one,
            path: 'masked',
            ...(target === undefined ? {} : { target: 'masked' }),
          })),
        }),
  }),
});
