/**
 * The modules that are compiled into the agent and known to its clients. To add one: import it, and name it in the list.
 */
import { createRegistry } from '@mig/module';
import { agentdestroy } from './agentdestroy/agentdestroy.ts';
import { audit } from './audit/audit.ts';
import { dispatch } from './dispatch/dispatch.ts';
import { example } from './example/example.ts';
import { examplepersist } from './examplepersist/examplepersist.ts';
import { file } from './file/file.ts';
import { fswatch } from './fswatch/fswatch.ts';
import { memory } from './memory/memory.ts';
import { netstat } from './netstat/netstat.ts';
import { ping } from './ping/ping.ts';
import { pkg } from './pkg/pkg.ts';
import { process } from './process/process.ts';
import { scribe } from './scribe/scribe.ts';
import { sshkey } from './sshkey/sshkey.ts';
import { timedrift } from './timedrift/timedrift.ts';
import { yara } from './yara/yara.ts';

export const available = createRegistry([
  agentdestroy,
  audit,
  dispatch,
  example,
  examplepersist,
  file,
  fswatch,
  memory,
  netstat,
  ping,
  pkg,
  process,
  scribe,
  sshkey,
  timedrift,
  yara,
]);
