/**
 * `npm run new:module NAME [-- --persistent]`: writes a module that works and passes its tests, named in the list, for
 * its author to change. Nothing is written when NAME cannot be one.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withModule } from './module-list.ts';
import { refusalOf } from './module-name.ts';
import { oneShotModuleFiles } from './new-one-shot-module.ts';
import { persistentModuleFiles } from './new-persistent-module.ts';

const root = join(import.meta.dirname, '..');
const list = 'packages/modules/src/available.ts';
const words = process.argv.slice(2);
const isPersistent = words.includes('--persistent');
const [name = '', ...others] = words.filter((word) => word !== '--persistent');

if (others.length > 0) stop(`expected NAME and perhaps --persistent, got '${others.join(' ')}' as well`);
const refusal = refusalOf(root, name);
if (refusal !== undefined) stop(refusal);

const files = isPersistent ? persistentModuleFiles(name) : oneShotModuleFiles(name);
const changed = withModule(readFileSync(join(root, list), 'utf8'), name);
mkdirSync(join(root, 'packages/modules/src', name));
for (const [path, text] of Object.entries({ ...files, [list]: changed })) writeFileSync(join(root, path), text);
const sources = [...Object.keys(files), list].filter((path) => path.endsWith('.ts'));
execFileSync(process.execPath, ['node_modules/@biomejs/biome/bin/biome', 'check', '--write', ...sources], {
  cwd: root,
  stdio: 'pipe',
});
execFileSync('npm', ['run', '--silent', 'generate', '--', 'manifest'], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
});

for (const path of Object.keys(files)) process.stdout.write(`${path}\n`);
process.stdout.write(`${list}, packages/modules/manifest.json: now name it

It works, and answers a small question: put yours in its place. Each part is explained in docs/writing-modules.md.

npx vitest run packages/modules/src/${name}   its tests
npm run lint && npm run typecheck   what else it is held to
npm run generate -- manifest   the manifest, after every change of the declaration
npm run build && npx mig ${name} help   to ask it
npx vitest run test/every-module   what every module is held to: it wants an entry for this one
`);

function stop(reason: string): never {
  process.stderr.write(`new:module: ${reason}\n`);
  process.exit(2);
}
