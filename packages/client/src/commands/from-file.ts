/** `mig -i FILE`: launches an action file, or signs and launches an envelope that somebody signed. */
import { launchDraft, launchSigned } from '../fleet/launch.ts';
import { loadFile } from '../fleet/load-file.ts';
import { Misuse } from '../misuse.ts';
import type { Command } from './command.ts';
import { readExpiration, readNarrowing, readShow } from './module-words.ts';
import { oneWord, readWords } from './read-words.ts';

const kinds = {
  t: 'value',
  e: 'value',
  show: 'value',
  json: 'switch',
  y: 'switch',
  s: 'switch',
  'target-found': 'list',
  'target-notfound': 'list',
} as const;

export const fromFile: Command = {
  names: ['-i', '-input'],
  usage: 'mig -i FILE [-t target] [-e expiration] [-y] [-s]',
  summary: 'Launches an action file, or adds a signature to an envelope and launches it.',
  options: kinds,
  help: [
    'mig -i FILE [-t TARGET] [-e EXPIRATION] [-show found|notfound|all] [-json] [-y] [-s]',
    '            [-target-found ID] [-target-notfound ID]',
    '',
    'FILE is an action of syntax version 2, or an envelope, - is standard input. -s signs and prints the envelope.',
    'An envelope is for the target and the time that its first investigator signed.',
    '',
    'Examples:',
    '  mig -i action.json',
    '  mig -i action.json -s > signed.json      first investigator',
    '  mig -i signed.json                       second investigator',
  ],
  async run(words, terminal, context) {
    const { options, others } = readWords('-i', words, kinds);
    const file = oneWord('-i', others, 'one file');
    const shown = options.show === undefined ? undefined : readShow(options.show);
    const ours = {
      target: options.t,
      expiration: readExpiration(options.e),
      shown,
      show: shown ?? 'found',
      isJson: options.json,
      isHasty: options.y,
      isSignOnly: options.s,
      targetFound: readNarrowing('target-found', options['target-found']),
      targetNotFound: readNarrowing('target-notfound', options['target-notfound']),
    } as const;
    const loaded = await loadFile(file);
    for (const note of loaded.notes) terminal.remark(note);
    if (loaded.kind === 'envelope') {
      const isNarrowed = [...ours.targetFound, ...ours.targetNotFound].length > 0;
      if (options.t !== undefined || options.e !== undefined || isNarrowed) {
        throw new Misuse(
          `${file} is signed: expected neither -t, -target-found nor -e, its target and time cannot be changed any more`,
        );
      }
      return launchSigned(loaded.envelope, ours, terminal, context);
    }
    const draft = { ...loaded.draft, target: options.t ?? loaded.draft.target };
    return launchDraft(draft, ours, terminal, context);
  },
};
