import { defineConfig } from 'vitest/config';
import { WaitingFirst } from './test/waiting-first.ts';

// A bundle of certificates costs every process of Node some 40 ms, and a run starts many hundreds; none of them needs it.
delete process.env['NODE_EXTRA_CA_CERTS'];

export default defineConfig({
  ssr: { resolve: { conditions: ['mig-source'], externalConditions: ['mig-source'] } },
  resolve: { conditions: ['mig-source'] },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'examples/*/src/**/*.test.ts', 'tools/**/*.test.ts', 'test/**/*.test.ts'],
    // They end what hangs: nothing is measured by them, and machines are busy.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 10_000 } },
    globalSetup: ['test/one-run.ts'],
    pool: 'forks',
    // A worker keeps what it has loaded: every file would load the libraries anew.
    isolate: false,
    // What is hot in WebAssembly is not compiled a second time, better: a file is over before that pays.
    execArgv: ['--liftoff-only'],
    sequence: { sequencer: WaitingFirst },
    // Many of them wait for processes: more than there are processors.
    maxWorkers: 6,
  },
});
