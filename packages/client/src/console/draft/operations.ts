/** Operations of a draft: added by a module's prompts or its flags, changed in an editor. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Operation } from '@mig/action';
import { type AnyModule, flagsOf, promptParameters, validateParameters } from '@mig/module';
import { available } from '@mig/modules';
import { readFlags } from '../../commands/read-flags.ts';
import { screenWidth } from '../../fleet/table.ts';
import { Misuse } from '../../misuse.ts';
import { splitWords } from '../input/words.ts';
import type { Session } from '../mode.ts';

const readText = (path: string) => readFileSync(path, 'utf8');

/** Makes an operation of `add MODULE` or `add MODULE <flags>`; undefined when the person gave up. */
export async function askOperation(rest: string, session: Session): Promise<Operation | undefined> {
  const [, name = '', flags = ''] = /^(\S*)\s*(.*)$/s.exec(rest)!;
  const module = moduleNamed(name);
  const typed = () => readFlags(module, splitWords(flags), readText, session.terminal.remark);
  const parameters = flags === '' ? await prompted(module, session) : typed();
  if (parameters === undefined) return undefined;
  return { module: module.name, parameters: parameters as Operation['parameters'] };
}

function prompted(module: AnyModule, { ask, terminal }: Session): Promise<unknown> {
  const words = ['help', 'show', 'undo', 'done', ...flagsOf(module).map((flag) => flag.name)];
  const complete = async (line: string) => (/\s/.test(line.trimStart()) ? [] : words);
  const prompter = { ask: (prompt: string) => ask({ prompt, complete }), say: terminal.print, room: screenWidth() };
  return promptParameters(module, prompter, readText);
}

/** Gives `operation` with other parameters: those in `text`, JSON, or as they are after a visit to the person's editor. */
export async function editOperation(operation: Operation, text: string, session: Session): Promise<Operation> {
  const module = moduleNamed(operation.module);
  const before = JSON.stringify(operation.parameters, null, 2);
  if (text === '' && !session.isWatched) throw new Misuse('edit: expected the parameters as JSON after the number');
  const after = text === '' ? await session.aside(() => inEditor(before)) : text;
  const parameters = readJson(after);
  validateParameters(module, parameters);
  return { module: module.name, parameters: parameters as Operation['parameters'] };
}

function moduleNamed(name: string): AnyModule {
  const module = available.find(name);
  if (module !== undefined) return module;
  throw new Misuse(`expected a module, got '${name}': ${available.modules.map((one) => one.name).join(', ')}`);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Misuse(`expected parameters as JSON, nothing was changed: ${(error as Error).message}`);
  }
}

/** Lets the person change `text` in `$VISUAL`, `$EDITOR` or vi. Throws when the editor fails. */
async function inEditor(text: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'mig-edit-'));
  const file = join(folder, 'parameters.json');
  const editor = process.env['VISUAL'] || process.env['EDITOR'] || 'vi';
  try {
    writeFileSync(file, `${text}\n`, { mode: 0o600 });
    // The variable may hold options, and is the person's own: a shell reads it, as other programs let it.
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' });
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (status !== 0) throw new Error(`${editor} ended with exit status ${status}: nothing was changed`);
    return readText(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
