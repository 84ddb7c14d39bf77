/** `npm run test:kill`: each part of a running platform is killed in turn, and nothing is lost. `npm run kill-rounds` goes on with it. */
import { defineConfig, mergeConfig } from 'vitest/config';
import standard from './vitest.config.ts';

const { test, ...rest } = standard;
export default mergeConfig(rest, defineConfig({ test: { ...test, include: ['test/kill/*.kill.ts'] } }));
