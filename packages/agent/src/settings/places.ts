/** Where an agent keeps what: the paths in its configuration directory and in its state directory. */
import { join } from 'node:path';
import { instanceSocket } from '@mig/module';

export interface Places {
  readonly configDirectory: string;
  readonly settings: string;
  readonly keys: string;
  readonly acl: string;
  readonly certificate: string;
  readonly privateKey: string;
  readonly authority: string;
  readonly enrolment: string;
  /** New files of the above, until all are in their places. */
  readonly pending: string;
  readonly stateDirectory: string;
  readonly spool: string;
  readonly journal: string;
  /** Alerts that the platform has not acknowledged. */
  readonly alerts: string;
  /** Notes of the processes that run modules. */
  readonly runs: string;
  readonly socket: string;
  /** The start-up snapshot of module processes, where the build's does not fit. */
  readonly snapshot: string;
  /** The configuration of modules that stay: `NAME.toml` each. */
  readonly modules: string;
  /** What belongs to the instances of modules that run. */
  readonly instances: string;
  /** Where the instance of a module that stays is asked. */
  readonly socketOf: (module: string) => string;
  /** What a module that stays knows from one instance to the next. */
  readonly stateOf: (module: string) => string;
}

/** The directories of an agent that is installed, and names them in help. */
export const standardDirectories = { config: '/etc/mig', state: '/var/lib/mig' } as const;

/** Gives the paths for two directories. */
export function placesIn(configDirectory: string, stateDirectory: string): Places {
  const config = (name: string) => join(configDirectory, name);
  const state = (name: string) => join(stateDirectory, name);
  return {
    configDirectory,
    settings: config('mig-agent.toml'),
    keys: config('keys'),
    acl: config('acl.json'),
    certificate: config('agent.crt'),
    privateKey: config('agent.key'),
    authority: config('ca.crt'),
    enrolment: config('enrolment.json'),
    pending: config('pending.json'),
    stateDirectory,
    spool: state('spool'),
    journal: state('journal'),
    alerts: state('alerts'),
    runs: state('runs'),
    socket: state('agent.sock'),
    snapshot: state('mig-agent.blob'),
    modules: config('modules'),
    instances: state('instances'),
    socketOf: (module) => instanceSocket(stateDirectory, module),
    stateOf: (module) => join(stateDirectory, 'modules', module),
  };
}
