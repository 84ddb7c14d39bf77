/** `mig action ID`: one action, in full. */
import { encodeEnvelope } from '@mig/action';
import { getAction, getEnvelope } from '@mig/api';
import { printable } from '@mig/module';
import { findActionId, requireActionId } from '../fleet/find-action.ts';
import { followToEnd } from '../fleet/follow.ts';
import { agoOf, missingCommands, missingLine, printMissing } from '../fleet/missing.ts';
import { cancellationText, outcomeLines, summaryLine } from '../fleet/progress.ts';
import { Misuse } from '../misuse.ts';
import type { Command } from './command.ts';
import { readShow } from './module-words.ts';
import { oneWord, readWords } from './read-words.ts';
import { withPlatform } from './with-platform.ts';

const kinds = { json: 'switch', envelope: 'switch', follow: 'switch', missing: 'switch', show: 'value' } as const;

export const action: Command = {
  names: ['action'],
  usage: 'mig action ID [-json | -envelope | -follow | -missing]',
  summary: 'Shows an action: what it asks, of whom, and who has not answered.',
  options: kinds,
  help: [
    'mig action ID [-json | -envelope | -follow [-show found|notfound|all] | -missing]',
    '',
    'ID is an id, or the beginning or end of one. -envelope prints what was signed, as it was launched.',
    '-follow prints the answers so far and goes on as they arrive. -missing names every agent that has not answered,',
    'with -json as one object a line.',
    '',
    'Examples:',
    '  mig action 0194',
    '  mig action 0194 -follow',
    '  mig action 0194 -missing',
  ],
  async run(words, terminal, context) {
    const { options, others } = readWords('action', words, kinds);
    const wanted = requireActionId(oneWord('action', others, "an action's id"));
    const ways = [options.envelope, options.follow, options.missing].filter(Boolean).length;
    if (ways > 1) throw new Misuse('action: expected one of -envelope, -follow and -missing, got several');
    if (options.show !== undefined && !options.follow) throw new Misuse('action: -show: expected with -follow');
    const shown = options.show === undefined ? undefined : readShow(options.show);
    return withPlatform(context, async (platform) => {
      const id = await findActionId(platform, wanted, context.hints);
      if (options.envelope) {
        terminal.print(encodeEnvelope(await platform.call(getEnvelope, { params: { id } })));
        return 0;
      }
      const found = await platform.call(getAction, { params: { id } });
      if (options.follow) {
        const show = shown ?? context.settings().show;
        return followToEnd(platform, found, { show, isJson: options.json }, terminal, context);
      }
      if (options.missing) {
        for await (const command of missingCommands(platform, found)) {
          const { agentname, agentid, status, agentstatus, lastseen } = command;
          if (!options.json) terminal.print(missingLine(command));
          else terminal.print(JSON.stringify({ agent: agentname, agentid, status, agentstatus, lastseen }));
        }
        for (const line of outcomeLines(found)) terminal.remark(line);
        return 0;
      }
      if (options.json) {
        terminal.print(JSON.stringify(found));
        return 0;
      }
      terminal.print(`${found.id}  ${found.status}  ${printable(found.name)}`);
      terminal.print(`target      ${printable(found.target)}`);
      terminal.print(`launched    ${agoOf(found.launchtime)}`);
      if (found.finishtime !== null) terminal.print(`finished    ${agoOf(found.finishtime)}`);
      if (found.cancellation !== null) terminal.print(`cancelled   ${cancellationText(found.cancellation)}`);
      terminal.print(`valid       ${found.validfrom} to ${found.expireafter}`);
      for (const { name, fingerprint } of found.investigators)
        terminal.print(`signed by   ${printable(name)} ${fingerprint}`);
      for (const { module, parameters } of found.operations) {
        terminal.print(`operation   ${module} ${printable(JSON.stringify(parameters))}`);
      }
      terminal.print(`answers     ${summaryLine(found.counters)}`);
      await printMissing(platform, found, terminal, context.hints);
      return 0;
    });
  },
};
