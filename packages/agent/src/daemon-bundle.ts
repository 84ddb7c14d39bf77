/** Loads the bundle of the daemon, which a module process must not pay for. */
import { join } from 'node:path';

/** What the bundle beside this one gives: see daemon-program.ts. */
interface DaemonBundle {
  readonly runDaemonProgram: (words: readonly string[], scriptDirectory: string) => Promise<number>;
}

/** Runs what `words` ask of the daemon's program, and gives its exit status. */
export function runDaemonBundle(words: readonly string[], scriptDirectory: string): Promise<number> {
  const bundle = join(scriptDirectory, 'mig-agent-daemon.cjs');
  const { createRequire } = process.getBuiltinModule('node:module');
  return (createRequire(bundle)(bundle) as DaemonBundle).runDaemonProgram(words, scriptDirectory);
}
