import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const packages = join(import.meta.dirname, '../packages');

test.each(['agent/dist/mig-agent-daemon', 'client/dist/mig', 'client/dist/mig-console', 'server/dist/mig-server'])(
  'V8 takes what it compiled of %s at build time',
  (bundle) => {
    const path = join(packages, bundle);
    const script = `
      const { readFileSync } = require('node:fs');
      const vm = require('node:vm');
      vm.Script = class extends vm.Script {
        constructor(text, options) {
          super(text, options);
          process.stdout.write(String(this.cachedDataRejected));
          process.exit();
        }
      };
      require(${JSON.stringify(`${path}.cjs`)});`;
    const { NODE_OPTIONS: _, ...env } = process.env;
    expect(execFileSync(process.execPath, ['-e', script], { env, encoding: 'utf8' })).toBe('false');
    expect(() => new Script(readFileSync(`${path}.js`, 'utf8'))).not.toThrow();
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
