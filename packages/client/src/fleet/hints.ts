/** What a person can type next, in the words of the program that runs: `mig` and the places of the console have their own. */
export interface Hints {
  /** Names everybody who has not answered the action. */
  missing(id: string): string;
  /** Prints every answer of the action. */
  all(id: string): string;
  follow(id: string): string;
  cancel(id: string): string;
  /** Lists the actions. */
  readonly actions: string;
  /** Launches without a countdown. */
  readonly hasty: string;
}

/** For a shell. */
export const shellHints: Hints = {
  missing: (id) => `mig action ${id} -missing`,
  all: (id) => `mig results ${id} -show all`,
  follow: (id) => `mig results ${id} -f`,
  cancel: (id) => `mig cancel ${id}`,
  actions: 'mig actions',
  hasty: '-y',
};
