/** Who may import whom. docs/architecture.md draws the same; tools/check-imports.ts enforces it. */

/** For each package, the packages of ours that it may import. Anything else is refused, with the reason of the package. */
export const mayImport: Readonly<Record<string, { readonly allowed: readonly string[]; readonly reason: string }>> = {
  module: { allowed: [], reason: 'authors outside this repository write modules against it alone' },
  regexp: { allowed: [], reason: 'it is of use on its own' },
  configuration: { allowed: [], reason: 'every program reads its configuration before anything else' },
  daemon: { allowed: [], reason: 'a lock and a log know nothing of who uses them' },
  action: { allowed: [], reason: 'what is signed must be checkable with nothing else at hand' },
  modules: { allowed: ['module', 'regexp'], reason: 'a module knows its contract, and nothing of the platform' },
  relay: { allowed: ['action'], reason: 'it carries messages and takes part in nothing' },
  api: { allowed: ['action'], reason: 'a contract between server and clients belongs to neither' },
  agent: {
    allowed: ['module', 'modules', 'action', 'relay', 'configuration', 'daemon'],
    reason: 'an agent trusts nobody: it shares no code with the server',
  },
  server: {
    allowed: ['action', 'relay', 'api', 'configuration', 'daemon'],
    reason: 'the server never runs a module: it reads the manifest',
  },
  client: {
    allowed: ['api', 'action', 'module', 'modules', 'configuration'],
    reason: 'clients reach agents through the API alone, and this machine through the module runner',
  },
  web: {
    allowed: ['api', 'action', 'module', 'modules'],
    reason: 'a page has the API, and the declarations of modules',
  },
};

/** Packages that only tests may import. */
export const forTestsOnly: readonly string[] = ['testing'];

/** Entry points that must load in a browser: nothing that they import, at any distance, may need Node. */
export const browserEntries: readonly string[] = [
  'packages/module/src/index.ts',
  'packages/modules/src/index.ts',
  'packages/action/src/index.ts',
  'packages/api/src/index.ts',
];
