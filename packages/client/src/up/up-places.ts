/** Where `mig up` keeps what it makes: everything of one small platform and its agent, in one directory. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export interface UpPlaces {
  readonly directory: string;
  /** What `mig up` was told; see up-settings.ts. */
  readonly settings: string;
  readonly serverSettings: string;
  /** Certificates, database and administration socket of the server. */
  readonly serverData: string;
  readonly socket: string;
  readonly authority: string;
  /** The configuration directory of the agent: what is /etc/mig elsewhere. */
  readonly agentConfig: string;
  readonly agentState: string;
  /** The investigator's configuration, where the user's own is of another platform. */
  readonly clientSettings: string;
  readonly logs: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Gives the paths in `named`, or in `$XDG_DATA_HOME/mig/up`, or in `~/.local/share/mig/up`. */
export function upPlacesOf(named: string | undefined, environment: Variables): UpPlaces {
  const data = environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
  const directory = resolve(named ?? join(data, 'mig', 'up'));
  const inside = (...names: string[]) => join(directory, ...names);
  return {
    directory,
    settings: inside('up.toml'),
    serverSettings: inside('server', 'mig-server.toml'),
    serverData: inside('server'),
    socket: inside('server', 'admin.sock'),
    authority: inside('server', 'ca.crt'),
    agentConfig: inside('agent', 'etc'),
    agentState: inside('agent', 'var'),
    clientSettings: inside('client', 'config.toml'),
    logs: inside('log'),
  };
}
