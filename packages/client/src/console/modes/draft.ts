/** An action that is being made: who is asked, what, until when; then it is signed and launched. */
import { resolve } from 'node:path';
import { Description, encodeEnvelope, parseExpiration, Threat } from '@mig/action';
import { listMacros } from '@mig/api';
import { printable } from '@mig/module';
import { available } from '@mig/modules';
import { findActionId } from '../../fleet/find-action.ts';
import { loadFile } from '../../fleet/load-file.ts';
import { describeSignatures } from '../../fleet/signatures.ts';
import { Misuse } from '../../misuse.ts';
import { writePrivateFile } from '../../settings/private-file.ts';
import { draftLines, fileText, operationLine, signatureWords } from '../draft/describe-draft.ts';
import { type Draft, draftOf, missingIn, signedDraft, unsign } from '../draft/draft.ts';
import { countDraft, draftCountLines, followLaunched, launchDraft, signDraft } from '../draft/launch-draft.ts';
import { askOperation, editOperation } from '../draft/operations.ts';
import { checkValue, readPairs, readWindow } from '../draft/typed-values.ts';
import { splitWords } from '../input/words.ts';
import type { Mode, Order, Session } from '../mode.ts';
import { printTargeted } from '../orders/query.ts';
import { actionMode } from './action.ts';

export function draftMode(draft: Draft): Mode {
  let isChanged = false;
  /** An order that changes the draft: the signatures are for what it was. */
  const change = (
    names: readonly string[],
    usage: string,
    summary: string,
    run: (rest: string, session: Session) => Promise<void> | void,
    complete: Order['complete'] = () => [],
  ): Order => ({
    names,
    usage,
    summary,
    complete,
    async run(rest, session) {
      await run(rest, session);
      isChanged = true;
      if (unsign(draft)) session.terminal.remark('the signatures were for what it was, and are gone');
    },
  });
  const look = (
    names: readonly string[],
    usage: string,
    summary: string,
    run: (rest: string, session: Session) => Promise<void>,
    complete: Order['complete'] = () => [],
  ): Order => ({ names, usage, summary, complete, run });

  const count = async (session: Session) => {
    const counted = await countDraft(draft, session);
    if (counted.condition !== draft.target) session.terminal.remark(`that is: ${printable(counted.condition)}`);
    if (counted.count === 0) session.terminal.print('the target selects no agent');
    else for (const line of await draftCountLines(counted, draft, session)) session.terminal.print(line);
  };

  const orders: readonly Order[] = [
    change(['name', 'setname'], 'name TEXT', 'Says what it is called.', (rest) => {
      draft.name = needed('name', rest);
    }),
    change(
      ['target', 'settarget'],
      'target MACRO|CONDITION',
      'Says which agents are asked, and counts them.',
      async (rest, session) => {
        const before = draft.target;
        draft.target = needed('target', rest);
        // A target that the platform does not understand is none.
        await count(session).catch((error: unknown) => {
          if (before === undefined) delete draft.target;
          else draft.target = before;
          throw error;
        });
      },
      async (_, { platform }) => (await platform.call(listMacros)).map(({ name }) => name),
    ),
    change(
      ['narrow'],
      'narrow found|notfound ACTION',
      'Narrows the target to agents that found something, or nothing, in an earlier action.',
      async (rest, session) => {
        const [how, text, ...more] = splitWords(rest);
        if ((how !== 'found' && how !== 'notfound') || text === undefined || more.length > 0) {
          throw new Misuse(`narrow: expected found or notfound, and an action's id, got '${rest}'`);
        }
        draft[how].push(await findActionId(session.platform, text, session.context.hints));
        await count(session);
      },
      (typed) => (typed.length === 0 ? ['found', 'notfound'] : []),
    ),
    change(
      ['expiration', 'expire'],
      'expiration 10m',
      'Says for how long it may be run, from its signature on.',
      (rest) => {
        parseExpiration(rest);
        draft.expiration = rest;
        delete draft.window;
      },
    ),
    change(['times', 'settimes'], 'times now|TIME +10m|TIME', 'Says from when until when it may be run.', (rest) => {
      draft.window = readWindow(rest);
    }),
    change(['description'], 'description author=… email=… url=… revision=…', 'Says who wrote it.', (rest) => {
      const given = readPairs('description', rest);
      const { revision } = given;
      draft.description = checkValue('description', Description, {
        ...draft.description,
        ...given,
        ...(revision === undefined ? {} : { revision: Number(revision) }),
      });
    }),
    change(['threat'], 'threat ref=… level=… family=… type=…', 'Says what it looks for.', (rest) => {
      draft.threat = checkValue('threat', Threat, { ...draft.threat, ...readPairs('threat', rest) });
    }),
    change(
      ['add', 'addoperation'],
      'add MODULE [FLAGS]',
      "Adds an operation: by the module's prompts, or its flags on the same line.",
      async (rest, session) => {
        const operation = await askOperation(rest, session);
        if (operation === undefined) return session.terminal.remark('nothing was added');
        draft.operations.push(operation);
        session.terminal.print(`${draft.operations.length}: ${operationLine(operation)}`);
      },
      (typed) => (typed.length === 0 ? available.modules.map(({ name }) => name) : []),
    ),
    change(
      ['edit'],
      'edit N [JSON]',
      "Changes an operation's parameters: in your editor, or to the JSON given.",
      async (rest, session) => {
        const [, number = '', json = ''] = /^(\S*)\s*(.*)$/s.exec(rest)!;
        const at = placeOf(number, draft);
        draft.operations[at] = await editOperation(draft.operations[at]!, json, session);
        session.terminal.print(`${at + 1}: ${operationLine(draft.operations[at])}`);
      },
    ),
    change(['delete', 'deloperation'], 'delete N', 'Takes an operation out.', (rest, session) => {
      const [gone] = draft.operations.splice(placeOf(rest, draft), 1);
      session.terminal.remark(`gone: ${operationLine(gone!)}`);
    }),
    look(['show', 'details'], 'show', 'Shows what it is by now, and what is missing.', async (_, session) => {
      await session.page(draftLines(draft));
      if (draft.target !== undefined) await count(session);
      for (const text of missingIn(draft)) session.terminal.remark(`missing: ${text}`);
    }),
    look(['agents', 'listagents'], 'agents', 'Lists the agents that the target selects.', async (_, session) => {
      const { condition } = await countDraft(draft, session);
      await printTargeted(condition, session);
    }),
    look(['json'], 'json', 'Prints it as an action file.', (_, { page }) =>
      page(fileText(draft).split('\n').map(printable)),
    ),
    look(
      ['load'],
      'load FILE',
      'Reads an action file, or an envelope that somebody signed.',
      async (rest, { terminal, context, platform }) => {
        const loaded = await loadFile(resolve(needed('load', rest)));
        const signers = loaded.kind === 'draft' ? [] : await describeSignatures(platform, loaded.envelope);
        const { expiration } = context.settings();
        const read =
          loaded.kind === 'draft' ? draftOf(loaded.draft, expiration) : signedDraft(loaded.envelope, expiration);
        delete draft.name;
        delete draft.target;
        delete draft.window;
        delete draft.envelope;
        Object.assign(draft, read);
        isChanged = false;
        for (const note of loaded.notes) terminal.remark(note);
        for (const line of signers) terminal.remark(printable(line));
        if (loaded.kind === 'envelope') terminal.remark('read it with show, then sign and launch');
      },
    ),
    look(
      ['save'],
      'save FILE',
      'Writes an action file, or once it is signed, the envelope for a second investigator.',
      async (rest, { terminal }) => {
        const file = resolve(needed('save', rest));
        writePrivateFile(file, `${draft.envelope === undefined ? fileText(draft) : encodeEnvelope(draft.envelope)}\n`);
        isChanged = false;
        terminal.remark(
          `${draft.envelope === undefined ? 'the action' : `the envelope with ${signatureWords(draft)}`} is in ${file}`,
        );
      },
    ),
    look(['sign'], 'sign', 'Signs it, or adds your signature to those that it has.', async (_, session) => {
      draft.envelope = await signDraft(draft, session);
      session.terminal.remark(`it has ${signatureWords(draft)}: launch it, or save it for a second investigator`);
    }),
    look(
      ['launch'],
      'launch [now] [nofollow]',
      'Counts down, signs where you have not, launches and follows; now does not count down.',
      async (rest, session) => {
        const words = splitWords(rest);
        const wrong = words.find((word) => word !== 'now' && word !== 'nofollow');
        if (wrong !== undefined) throw new Misuse(`launch: expected now, nofollow or nothing, got '${wrong}'`);
        const id = await launchDraft(draft, words.includes('now'), session);
        isChanged = false;
        session.enter(actionMode(id), true);
        if (!words.includes('nofollow')) await followLaunched(id, session);
      },
      () => ['now', 'nofollow'],
    ),
  ];
  return {
    prompt: 'new action> ',
    orders,
    async greet({ terminal }) {
      terminal.remark('A new action. target, add MODULE, show, launch; help lists the rest.');
    },
    async mayLeave({ ask, isWatched }) {
      if (!isChanged || !isWatched) return true;
      const answer = await ask({ prompt: 'It was neither launched nor saved. Leave it? [y/N] ', isFresh: true });
      return answer === undefined || /^y(es)?$/i.test(answer.trim());
    },
  };
}

function placeOf(text: string, { operations }: Draft): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= operations.length) return number - 1;
  const range =
    operations.length === 0 ? 'there is no operation yet' : `expected a number from 1 to ${operations.length}`;
  throw new Misuse(`${range}, got '${text}'`);
}

function needed(order: string, value: string): string {
  if (value === '') throw new Misuse(`${order}: expected something after it, got nothing`);
  return value;
}
