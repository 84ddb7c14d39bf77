#!/usr/bin/env node
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const bundle = join(__dirname, '..', 'dist', 'mig-console.cjs');
if (!existsSync(bundle)) {
  process.stderr.write('mig-console: not built yet, run: npm run build\n');
  process.exit(1);
}
process.argv[1] = bundle;
require(bundle);
