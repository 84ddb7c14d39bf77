/** Where `mig` keeps what is an investigator's own: one directory, which nobody else needs to read. */
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export interface Places {
  readonly directory: string;
  readonly settings: string;
  /** Private keys, each in `<fingerprint>.key`, protected by a passphrase. */
  readonly keys: string;
  /** The token of the last login. */
  readonly session: string;
  /** Whether the settings were named by hand, and so must be there. */
  readonly isNamed: boolean;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Gives the paths: beside the configuration file `named`, or in `$XDG_CONFIG_HOME/mig`, or in `~/.config/mig`. */
export function placesOf(named: string | undefined, environment: Variables): Places {
  const standard = join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'mig', 'config.toml');
  const settings = resolve(named ?? standard);
  const directory = dirname(settings);
  return {
    directory,
    settings,
    keys: join(directory, 'keys'),
    session: join(directory, 'session.json'),
    isNamed: named !== undefined,
  };
}
