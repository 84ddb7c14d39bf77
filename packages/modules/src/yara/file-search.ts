/** The flags of the file module in one text, as a person would write them behind `mig file`. */
import { InvalidParameters, parseFlags } from '@mig/module';
import { file } from '../file/file.ts';
import { Parameters } from '../file/file-parameters.ts';
import { splitWords } from '../split-words.ts';

/** A search of files, and how many of them are wanted; 0 for all. */
export interface FileSearch {
  readonly searches: Parameters['searches'];
  readonly matchlimit: number;
}

/**
 * Reads `text`. The limit of 1,000 matches that flags have by themselves does not count: what is scanned is not
 * returned. Throws InvalidParameters.
 */
export function readFileSearch(text: string): FileSearch {
  const words = splitWords(text);
  const parameters = Parameters.parse(parseFlags(file, words, noFile));
  const hasLimit = words.some((word) => /^--?matchlimit(=|$)/.test(word));
  const matchlimit = hasLimit
    ? Math.max(...Object.values(parameters.searches).map(({ options }) => options.matchlimit))
    : 0;
  return { searches: parameters.searches, matchlimit };
}

function noFile(): never {
  throw new InvalidParameters('flags that read a file are not to be had here');
}
