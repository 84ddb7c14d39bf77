/** One action: what it asks, how far it is, what was answered, who is missing. */
import { CommandStatus, encodeEnvelope, parseAction, payloadOf, type Uuid } from '@mig/action';
import { type ActionSummary, cancelAction, getAction, getEnvelope, listCommands } from '@mig/api';
import { printable } from '@mig/module';
import { readShow, type Show } from '../../commands/module-words.ts';
import { hasFound } from '../../fleet/answer-lines.ts';
import { followToEnd } from '../../fleet/follow.ts';
import { agoOf, missingCommands, missingLine, printMissing } from '../../fleet/missing.ts';
import { printAnswers } from '../../fleet/print-answers.ts';
import { cancellationText, outcomeLines, summaryLine } from '../../fleet/progress.ts';
import { tableLines } from '../../fleet/table.ts';
import { Misuse } from '../../misuse.ts';
import { draftOf } from '../draft/draft.ts';
import { actionHints } from '../hints.ts';
import type { Mode, Order, Session } from '../mode.ts';
import { writeExport } from '../orders/export-answers.ts';
import { commandMode } from './command.ts';
import { draftMode } from './draft.ts';

const shows = ['found', 'notfound', 'all'] as const;

export function actionMode(id: Uuid): Mode {
  const read = ({ platform }: Session) => platform.call(getAction, { params: { id } });
  const order = (
    names: readonly string[],
    usage: string,
    summary: string,
    run: (action: ActionSummary, session: Session, rest: string) => Promise<void> | void,
    complete: Order['complete'] = () => [],
  ): Order => ({
    names,
    usage,
    summary,
    complete,
    run: async (rest, session) => run(await read(session), session, rest),
  });

  const orders: readonly Order[] = [
    order(['details', 'show'], 'details', 'Shows what it asks, of whom, until when.', (action, { page }) =>
      page(detailLines(action)),
    ),
    order(['counters'], 'counters', 'Shows how many answered what.', ({ counters }, { page }) =>
      page(tableLines(Object.entries(counters).map(([name, count]) => [name, String(count)]))),
    ),
    order(
      ['results', 'r'],
      'results [found|notfound|all]',
      'Prints the answers by now. Standard is as configured.',
      printResults,
      () => shows,
    ),
    order(
      ['ls', 'list'],
      'ls [found|notfound|STATUS]',
      `Lists its commands: ${CommandStatus.options.join(', ')}.`,
      listAnswers,
      () => ['found', 'notfound', ...CommandStatus.options],
    ),
    order(
      ['command'],
      'command ID|AGENT',
      'Goes to what one agent answered.',
      async ({ id }, session, rest) => session.enter(commandMode(await findCommand(id, rest, session))),
      async (typed, { platform }) => {
        if (typed.length > 0) return [];
        const page = await platform.call(listCommands, { params: { id }, query: { limit: 200 } });
        return page.items.map(({ agentname }) => agentname);
      },
    ),
    order(
      ['missing'],
      'missing',
      'Lists who has not answered, and since when they were last seen.',
      async (action, session) => {
        const { counters } = action;
        if (counters.done === counters.targeted && counters.expired === 0)
          session.terminal.remark('everybody has answered');
        else await session.page(missingLines(session.platform, action));
      },
    ),
    order(
      ['follow'],
      'follow [found|notfound|all]',
      'Prints answers as they come; ctrl-c stops that, not the action.',
      follow,
      () => shows,
    ),
    order(['times'], 'times', 'Shows when it was launched, and when it may be run.', (action, { page }) =>
      page(timeLines(action)),
    ),
    order(['investigators'], 'investigators', 'Shows who signed it.', ({ investigators }, { page }) =>
      page(tableLines(investigators.map(({ name, fingerprint }) => [name, fingerprint]))),
    ),
    order(['json'], 'json', 'Prints the action as JSON, as the platform knows it.', (action, { page }) =>
      page(JSON.stringify(action, null, 2).split('\n').map(printable)),
    ),
    order(['envelope'], 'envelope', 'Prints what was signed, with its signatures.', async (_, { platform, page }) =>
      page([encodeEnvelope(await platform.call(getEnvelope, { params: { id } }))]),
    ),
    order(
      ['export'],
      'export FILE.csv|FILE.ndjson [found|notfound|all]',
      'Writes the answers to a file.',
      (action, session, rest) => writeExport(action, rest, session),
    ),
    order(['copy'], 'copy', 'Makes a new action of it, which can be changed and launched.', async (action, session) => {
      const envelope = await session.platform.call(getEnvelope, { params: { id } });
      session.enter(draftMode(draftOf(parseAction(payloadOf(envelope)), session.context.settings().expiration)));
      session.terminal.remark(`a copy of '${printable(action.name)}', with a new id and a new window`);
    }),
    order(['cancel'], 'cancel [REASON]', 'Stops it: who runs it is told to stop, the others never get it.', cancel),
  ];
  return {
    prompt: `action ${id.slice(-4)}> `,
    orders,
    async greet(session) {
      const action = await read(session);
      const { paint, terminal } = session;
      terminal.print(paint('bold', printable(action.name)));
      terminal.print(`${action.id}  ${action.status}, launched ${agoOf(action.launchtime)}`);
      terminal.print(`signed by ${action.investigators.map(({ name }) => printable(name)).join(', ')}`);
      for (const line of outcomeLines(action)) terminal.print(line);
    },
  };
}

function detailLines(action: ActionSummary): string[] {
  const { id, name, status, target, operations, description, threat, investigators, counters, cancellation } = action;
  const words = (value: object | null) =>
    Object.entries(value ?? {})
      .map(([key, text]) => `${key}=${String(text)}`)
      .join(' ');
  return [
    ...tableLines([
      ['action', id],
      ['name', name],
      ['status', status],
      ...(cancellation === null ? [] : [['cancelled', cancellationText(cancellation)]]),
      ['target', target],
      ['description', words(description)],
      ['threat', words(threat)],
      ['signed by', investigators.map((one) => `${one.name} ${one.fingerprint}`).join(', ')],
      ...operations.map(({ module, parameters }, i) => [
        `operation ${i + 1}`,
        `${module} ${JSON.stringify(parameters)}`,
      ]),
      ['answers', summaryLine(counters)],
    ]),
    ...timeLines(action),
  ];
}

function timeLines({ launchtime, validfrom, expireafter, finishtime }: ActionSummary): string[] {
  return tableLines([
    ['launched', launchtime],
    ['valid from', validfrom],
    ['until', expireafter],
    ['finished', finishtime ?? 'not yet'],
  ]);
}

async function printResults(action: ActionSummary, session: Session, rest: string): Promise<void> {
  const show = showOf(rest, session);
  const { id, operations } = action;
  const { platform, terminal, page, paint } = session;
  const lines: string[] = [];
  const answers = printAnswers({
    ...{ id, operations, show, hints: actionHints, mark: (line) => paint('red', line) },
    terminal: { ...terminal, print: (line) => void lines.push(line) },
  });
  async function* printed() {
    for await (const command of platform.items(listCommands, { params: { id } })) {
      answers.add(command);
      yield* lines.splice(0);
    }
  }
  await page(printed());
  answers.end();
  const [summary, ...others] = outcomeLines(action);
  for (const line of [`${show}: ${summary}`, ...others]) terminal.remark(line);
  await printMissing(platform, action, terminal, actionHints);
}

async function* missingLines(platform: Session['platform'], action: ActionSummary) {
  for await (const command of missingCommands(platform, action)) yield missingLine(command);
}

async function listAnswers(
  { id }: ActionSummary,
  { platform, page, paint, terminal }: Session,
  rest: string,
): Promise<void> {
  const status = CommandStatus.optional().safeParse(rest === '' || rest === 'all' ? undefined : rest);
  const found = rest === 'found' || rest === 'notfound' ? rest : 'all';
  if (!status.success && found === 'all') {
    throw new Misuse(`ls: expected found, notfound, or one of ${CommandStatus.options.join(', ')}, got '${rest}'`);
  }
  const rows: string[][] = [];
  const colours: ('red' | 'green' | 'dim' | undefined)[] = [];
  const query = { found, status: status.data } as const;
  for await (const command of platform.items(listCommands, { params: { id }, query })) {
    rows.push([command.id, command.agentname, command.status, hasFound(command) ? 'found' : '', command.agentstatus]);
    const isBad = command.status === 'failed' || command.status === 'timeout';
    colours.push(isBad ? 'red' : hasFound(command) ? 'green' : command.results === null ? 'dim' : undefined);
  }
  await page(tableLines(rows).map((line, i) => (colours[i] === undefined ? line : paint(colours[i], line))));
  terminal.remark(`${rows.length} ${rows.length === 1 ? 'command' : 'commands'}`);
}

async function follow(action: ActionSummary, session: Session, rest: string): Promise<void> {
  const show = showOf(rest, session);
  const { platform, terminal, context } = session;
  await followToEnd(platform, action, { show, isJson: false }, terminal, { ...context, hints: actionHints });
}

async function cancel({ id }: ActionSummary, { platform, terminal }: Session, rest: string): Promise<void> {
  const body = rest === '' ? {} : { reason: rest };
  const { status, counters } = await platform.call(cancelAction, { params: { id }, body });
  terminal.remark(`${status}: ${summaryLine(counters)}`);
}

async function findCommand(id: Uuid, text: string, { platform }: Session) {
  if (text === '') throw new Misuse("command: expected an agent's name, or a command's id, got nothing: ls lists them");
  const fitting = [];
  for await (const command of platform.items(listCommands, { params: { id } })) {
    if (command.id === text || command.agentname === text) return command;
    if (command.agentname.includes(text) || command.id.startsWith(text) || command.id.endsWith(text))
      fitting.push(command);
  }
  if (fitting.length === 1) return fitting[0]!;
  const names = fitting.slice(0, 6).map(({ agentname }) => agentname);
  throw new Misuse(
    fitting.length === 0
      ? `no command of this action fits '${text}': ls lists them`
      : `'${text}' fits several: ${names.join(', ')}${fitting.length > 6 ? ', …' : ''}`,
  );
}

/** What is shown: as `text` says, or as configured. Throws Misuse. */
function showOf(text: string, { context }: Session): Show {
  return text === '' ? context.settings().show : readShow(text);
}
