import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineFlags } from '@mig/module/runner';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const packages = join(import.meta.dirname, '../packages');

test.each(['agent/dist/mig-agent-daemon', 'client/dist/mig', 'client/dist/mig-console', 'server/dist/mig-server'])(
  'V8 takes what it compiled of %s at build time',
  (bundle) => {
    const words = ['-e', spying(join(packages, `${bundle}.cjs`))];
    expect(execFileSync(process.execPath, words, { env: plainEnvironment(), encoding: 'utf8' })).toBe('false');
  },
);

describe('a program', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mig-compiled-'));
    for (const ending of ['cjs', 'js', 'compiled']) {
      copyFileSync(join(packages, `client/dist/mig.${ending}`), join(folder, `mig.${ending}`));
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test.each([
    ['is there', () => {}],
    ['is not there', (compiled: string) => rmSync(compiled)],
    ['was cut short', (compiled: string) => writeFileSync(compiled, readFileSync(compiled).subarray(0, 100_000))],
    ['is nothing', (compiled: string) => writeFileSync(compiled, '')],
    ['is something else', (compiled: string) => writeFileSync(compiled, Buffer.alloc(100_000, 'x'))],
  ])('says the same when what V8 compiled of it %s', (_, spoil) => {
    spoil(join(folder, 'mig.compiled'));
    const said = execFileSync(process.execPath, [join(folder, 'mig.cjs'), '-V'], { encoding: 'utf8' });
    expect(said).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

test('V8 takes what it compiled of the script of threads, with the flags of a module process', () => {
  const thread = join(packages, 'agent/dist/module-thread.cjs');
  const script = `
    const { Worker } = require('node:worker_threads');
    const options = { eval: true, workerData: { entry: 'nothing' } };
    const inThread = ${JSON.stringify(spying(thread))};
    new Worker(inThread, options).on('error', () => {});`;
  expect(
    execFileSync(process.execPath, [...engineFlags, '-e', script], { env: plainEnvironment(), encoding: 'utf8' }),
  ).toBe('false');
});

/** A script that runs `program`, and says whether V8 refused what it was given of it. */
function spying(program: string): string {
  return `
    const vm = require('node:vm');
    vm.Script = class extends vm.Script {
      constructor(text, options) {
        super(text, options);
        require('node:fs').writeSync(1, String(this.cachedDataRejected));
        process.exit();
      }
    };
    require(${JSON.stringify(program)});`;
}

function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return env;
}
