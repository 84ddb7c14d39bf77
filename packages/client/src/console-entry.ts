/** The start of the bundle of `mig-console`. */
import { main } from './mig-console.ts';

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
