/** Candidates of objects that look at files: one walk for all objects of a document. */
import type { RunContext } from '@mig/module';
import { Parameters as FileParameters } from '../file/file-parameters.ts';
import { type FoundFile, findFiles } from '../found-files.ts';
import { boundedCandidates, type Candidate } from './candidates.ts';
import { LineQuestion, ValueExpression, valuesInFile } from './line-values.ts';
import type { Source } from './source.ts';

export type FileSource = Extract<Source, { readonly kind: 'filename' | 'filecontent' | 'hasline' }>;

/** The files of each object, by the object's identifier. */
export type FilesByObject = ReadonlyMap<string, readonly FoundFile[]>;

/** Finds the files of all `sources` (by identifier of the object) in one walk. */
export async function findFilesOf(
  context: RunContext<unknown>,
  sources: ReadonlyMap<string, FileSource>,
): Promise<FilesByObject> {
  if (sources.size === 0) return new Map();
  // Objects that look for the same files share a search.
  const labels = new Map<string, string>();
  const searches: Record<string, object> = {};
  for (const { path, file } of sources.values()) {
    const key = `${path}\0${file}`;
    if (labels.has(key)) continue;
    const label = String(labels.size);
    labels.set(key, label);
    searches[label] = { paths: [path], names: [file], options: { matchall: true } };
  }
  const found = await findFiles(context, FileParameters.parse({ searches }).searches);
  return new Map(
    [...sources].map(([identifier, { path, file }]) => [identifier, found.get(labels.get(`${path}\0${file}`)!) ?? []]),
  );
}

/** What `source` offers, of the `files` that were found for it. A file that cannot be read is a warning. */
export async function fileCandidates(
  source: FileSource,
  files: readonly FoundFile[],
  context: RunContext<unknown>,
): Promise<readonly Candidate[]> {
  switch (source.kind) {
    case 'filename': {
      const name = new ValueExpression(source.file);
      const values = files.flatMap(({ path }) => named(path, name.valuesIn(baseName(path))?.slice(0, 1)));
      return boundedCandidates(values);
    }
    case 'hasline': {
      const question = new LineQuestion(source.expression);
      return ofFiles(files, context, async ({ place }) => [String(await question.isIn(place, context.breathe))]);
    }
    case 'filecontent': {
      const question = new LineQuestion(source.expression);
      const expression = new ValueExpression(source.expression);
      return ofFiles(files, context, async ({ place }) => {
        const isThere = await question.mayBeIn(place, context.breathe);
        const values = isThere ? await valuesInFile(place, expression, context.breathe) : [];
        return source.concat === '' || values.length === 0 ? values : [values.join(source.concat)];
      });
    }
  }
}

async function ofFiles(
  files: readonly FoundFile[],
  { warn, signal }: RunContext<unknown>,
  valuesOf: (file: FoundFile) => Promise<readonly string[]>,
): Promise<readonly Candidate[]> {
  const candidates: Candidate[] = [];
  for (const file of files) {
    try {
      candidates.push(...named(file.path, await valuesOf(file)));
    } catch (error) {
      signal.throwIfAborted();
      warn(`${file.path}: ${error instanceof Error ? error.message : String(error)}`);
    }
    boundedCandidates(candidates);
  }
  return candidates;
}

function named(identifier: string, values: readonly string[] = []): Candidate[] {
  return values.map((value) => ({ identifier, value }));
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
