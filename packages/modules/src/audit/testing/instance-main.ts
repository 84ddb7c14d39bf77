/** audit as a process of its own, for tests that start it where the system says no. */
import { serveConfined } from '@mig/module/testing';
import { audit } from '../audit.ts';

await serveConfined(audit);
