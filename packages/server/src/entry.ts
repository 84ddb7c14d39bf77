/** The start of the bundle of `mig-server`. */
import { main } from './mig-server.ts';

void main(process.argv.slice(2)).then((status) => process.exit(status));
