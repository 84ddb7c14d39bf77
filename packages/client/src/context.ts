/** What commands work with: the words of ours that stand anywhere, the configuration, the platform. */
import type { Context, Interruption } from './commands/command.ts';
import { shellHints } from './fleet/hints.ts';
import { Misuse } from './misuse.ts';
import type { openPlatform } from './platform/platform.ts';
import { placesOf } from './settings/places.ts';
import { loadSettings } from './settings/settings.ts';
import type { Terminal } from './terminal/terminal.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Takes `--config FILE` out of `given`; gives the other words, and the context that it names. */
export function createContext(
  given: readonly string[],
  environment: Variables,
  terminal: Terminal,
  atTerminal?: Parameters<typeof openPlatform>[2],
): { words: readonly string[]; context: Context } {
  const { words, config } = takeConfig(given);
  const places = placesOf(config ?? (environment['MIG_CONFIG'] || undefined), environment);
  let settings: ReturnType<typeof loadSettings> | undefined;
  const load = () => {
    settings ??= loadSettings(places, environment);
    return settings;
  };
  const context: Context = {
    hints: shellHints,
    steady: (platform) => platform,
    places,
    interruption: interruptible,
    settings: load,
    async platform() {
      if (load().url === '') {
        if (process.stdin.isTTY !== true) {
          throw new Misuse(`no platform is configured: mig init makes ${places.settings}, or set MIG_URL`);
        }
        terminal.remark('No platform is configured yet.');
        const { walkThrough } = await import('./init/walk-through.ts');
        await walkThrough(places, terminal);
        settings = undefined;
      }
      const { openPlatform: open } = await import('./platform/platform.ts');
      return open(load(), places, atTerminal);
    },
  };
  return { words, context };
}

function interruptible(): Interruption {
  const stopper = new AbortController();
  const stop = () => stopper.abort();
  process.once('SIGINT', stop);
  return { signal: stopper.signal, release: () => process.off('SIGINT', stop) };
}

function takeConfig(given: readonly string[]): { words: readonly string[]; config: string | undefined } {
  const at = given.findIndex((word) => word === '--config' || word.startsWith('--config='));
  if (at < 0) return { words: given, config: undefined };
  const inline = given[at]!.includes('=');
  const config = inline ? given[at]!.slice('--config='.length) : given[at + 1];
  if (config === undefined || config === '') throw new Misuse('--config: expected a file after it, got nothing');
  return { words: [...given.slice(0, at), ...given.slice(at + (inline ? 1 : 2))], config };
}
