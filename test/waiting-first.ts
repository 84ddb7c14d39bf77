/**
 * The order of test files. Those that mostly wait for processes go first, so that those that compute fill the gaps. Those of
 * regular expressions and of the server go last: a worker that has had their data or the embedded database has some 500 MB,
 * and from then on to start a process, which copies the table of its pages, and to collect garbage cost it many times as much.
 */
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Its place among the four. */
function placeOf(path: string): number {
  if (/^(test|packages\/agent)\//.test(path)) return 0;
  if (path.startsWith('packages/server/')) return 3;
  return path.startsWith('packages/regexp/') ? 2 : 1;
}

export class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification) => placeOf(relative(this.ctx.config.root, moduleId));
    return sorted.sort((one, other) => place(one) - place(other));
  }
}
