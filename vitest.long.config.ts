/** `npm run test:long`: what takes minutes, on the scale that the documents promise. */
import { defineConfig, mergeConfig } from 'vitest/config';
import standard from './vitest.config.ts';

const { test, ...rest } = standard;
export default mergeConfig(rest, defineConfig({ test: { ...test, include: ['test/long/*.long.ts'], maxWorkers: 1 } }));
