/** A module process for the tests of the runner: the host around the sample module. */
import { runOnce, writeResult } from '../host/one-shot.ts';
import { standardInput } from '../host/standard-input.ts';
import { sample } from './sample-module.ts';

void runOnce(sample, standardInput()).then((result) => {
  writeResult(result, 1);
  process.exit(result.success ? 0 : 1);
});
