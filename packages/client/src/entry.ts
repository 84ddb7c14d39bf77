/** The start of the bundle of `mig`. */
import { main } from './mig.ts';

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
