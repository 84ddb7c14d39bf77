/** The console: asks for orders and runs them, until it is left. Nothing that goes wrong in an order ends it. */
import { join } from 'node:path';
import { closest } from '@mig/module';
import type { Context } from '../commands/command.ts';
import { explain } from '../explain.ts';
import { Misuse } from '../misuse.ts';
import type { Platform } from '../platform/platform.ts';
import { paintOn } from '../terminal/paint.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { baseHints } from './hints.ts';
import { type LineReader, openLineReader } from './input/line-reader.ts';
import { takeFilters } from './input/words.ts';
import type { Mode, Order, Session } from './mode.ts';
import { everywhere } from './orders/everywhere.ts';
import { printPaged } from './pager.ts';
import { stoppable } from './stoppable.ts';

export interface Console {
  /** Brackets what may ask at the terminal by itself, such as for a passphrase. */
  aside: LineReader['aside'];
  /** Runs until the person leaves; gives the exit status: 1 when an order of a pipe went wrong, which also ends it. */
  run(base: Mode, platform: Platform): Promise<number>;
}

export function createConsole(context: Context, terminal: Terminal): Console {
  let running: AbortController | undefined;
  const interrupt = () => running?.abort();
  const reader = openLineReader({ historyFile: join(context.places.directory, 'history'), onInterrupt: interrupt });
  // Through a pipe, or while another program has the terminal, ctrl-c comes as a signal.
  process.on('SIGINT', () => {
    if (running === undefined && !reader.isTerminal) process.exit(130);
    interrupt();
  });
  const modes: Mode[] = [];
  const paint = paintOn(process.stdout);
  const greeted = new WeakSet<Mode>();
  let hasFailed = false;

  async function run(base: Mode, platform: Platform): Promise<number> {
    modes.push(base);
    await greet(platform);
    // What comes through a pipe may build on what failed: nothing more of it is done.
    while (modes.length > 0 && (reader.isTerminal || !hasFailed)) {
      const mode = modes.at(-1)!;
      const { signal: never } = new AbortController();
      const idle = sessionOf(platform, never, () => true);
      const line = await reader.ask({
        prompt: paint('bold', mode.prompt),
        isKept: true,
        complete: (typed) => complete(typed, mode, idle),
      });
      if (line === undefined)
        await attempt(
          platform,
          (session) => leaveMode(mode, session),
          () => true,
        );
      else await runLine(line.trim(), mode, platform);
    }
    reader.close();
    return hasFailed && !reader.isTerminal ? 1 : 0;
  }

  async function runLine(line: string, mode: Mode, platform: Platform): Promise<void> {
    if (line === '' || line.startsWith('#')) return;
    let filter = (_: string) => true;
    await attempt(
      platform,
      async (session) => {
        const { rest, isWanted } = takeFilters(line);
        filter = isWanted;
        const [, name = '', words = ''] = /^(\S+)\s*(.*)$/s.exec(rest) ?? [];
        const orders = [...mode.orders, ...everywhere(mode, (left) => leaveMode(mode, left))];
        await orderNamed(orders, name).run(words.trim(), session);
      },
      (text) => filter(text),
    );
  }

  /** Runs `work` so that ctrl-c stops it, and says what went wrong. */
  async function attempt(
    platform: Platform,
    work: (session: Session) => Promise<void> | undefined,
    isWanted: (line: string) => boolean,
  ): Promise<void> {
    const controller = new AbortController();
    running = controller;
    try {
      await work(sessionOf(platform, controller.signal, isWanted));
    } catch (error) {
      hasFailed = true;
      terminal.progress('');
      if (controller.signal.aborted)
        terminal.remark(/^stopped/.test((error as Error).message) ? (error as Error).message : 'stopped');
      else for (const text of explain(error)) terminal.complain(text);
    } finally {
      running = undefined;
    }
    await greet(platform);
  }

  /** Lets a mode that was just entered say what it is about; coming back to one is silent. */
  async function greet(platform: Platform): Promise<void> {
    const mode = modes.at(-1);
    if (mode === undefined || greeted.has(mode)) return;
    greeted.add(mode);
    await attempt(
      platform,
      (session) => mode.greet?.(session),
      () => true,
    );
  }

  async function leaveMode(mode: Mode, session: Session): Promise<void> {
    if ((await mode.mayLeave?.(session)) !== false) modes.pop();
  }

  function sessionOf(platform: Platform, signal: AbortSignal, isWanted: (line: string) => boolean): Session {
    const print = (line: string) => {
      if (isWanted(line)) terminal.print(line);
    };
    const within: Platform = stoppable(platform, signal);
    return {
      terminal: { ...terminal, print },
      paint,
      context: {
        ...context,
        hints: baseHints,
        steady: () => platform,
        platform: async () => within,
        interruption: () => ({ signal, release: () => {} }),
      },
      platform: within,
      signal,
      isWatched: reader.isTerminal,
      ask: (question) => reader.ask({ ...question, signal }),
      page: (lines) => printPaged(wanted(lines, isWanted), terminal.print, reader, signal),
      aside: reader.aside,
      enter(mode, isInstead = false) {
        if (isInstead) modes.pop();
        modes.push(mode);
      },
      leave: () => void modes.pop(),
    };
  }

  return { aside: reader.aside, run };
}

async function* wanted(lines: Iterable<string> | AsyncIterable<string>, isWanted: (line: string) => boolean) {
  for await (const line of lines) if (isWanted(line)) yield line;
}

function orderNamed(orders: readonly Order[], name: string): Order {
  const order = orders.find(({ names }) => names.includes(name));
  if (order !== undefined) return order;
  const near = closest(
    name,
    orders.flatMap(({ names }) => names),
  );
  throw new Misuse(
    `'${name}' is no order here: ${near === undefined ? 'help lists what there is' : `did you mean ${near}?`}`,
  );
}

async function complete(line: string, mode: Mode, session: Session): Promise<readonly string[]> {
  const orders = [...mode.orders, ...everywhere(mode, async () => {})];
  const [name, ...typed] = line.trimStart().split(/\s+/);
  const part = typed.pop();
  if (part === undefined) return orders.map(({ names }) => names[0]!);
  return (await orders.find(({ names }) => names.includes(name!))?.complete?.(typed, session, part)) ?? [];
}
