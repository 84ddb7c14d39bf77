/** fswatch as a process of its own, for tests that start it where the system says no. */
import { serveConfined } from '@mig/module/testing';
import { fswatch } from '../fswatch.ts';

await serveConfined(fswatch);
