/** A module process for the tests of the runner: the host around the sample module. */
import { runOnce, writeResult } from '../host/one-shot.ts';
import { standardInput } from '../host/standard-input.ts';
import { sample } from './sample-module.ts';

const isSpare = process.argv[process.argv.indexOf('-m') + 1] === '-';

void runOnce(isSpare ? () => sample : sample, standardInput(), { isOwned: process.argv.includes('-owned') }).then(
  (result) => {
    writeResult(result, 1);
    process.exit(result.success ? 0 : 1);
  },
);
