/** The start of the bundle: when it was restored from a start-up snapshot, or as the script itself. */
import { dirname, resolve } from 'node:path';
import { startupSnapshot } from 'node:v8';
import { main } from './mig-agent.ts';
import { warmUp } from './warm-up.ts';

/** Runs the program. Standard output may be a pipe that still drains: the exit status is set, and exit follows by itself. */
async function start(): Promise<void> {
  const script = process.argv[1] ?? __filename;
  process.exitCode = await main(process.argv.slice(2), dirname(resolve(script)));
  process.exit();
}

if (startupSnapshot.isBuildingSnapshot()) {
  startupSnapshot.setDeserializeMainFunction(start);
  void warmUp(dirname(resolve(process.argv[1] ?? __filename)));
} else void start();
