/** Preloaded by tools/bundle.ts: when the program ends, what V8 has compiled of its bundle is written beside it. */
'use strict';
const { writeFileSync } = require('node:fs');
const vm = require('node:vm');

vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    const compiled = options.filename.replace(/\.js$/, '.compiled');
    process.once('exit', () => writeFileSync(compiled, this.createCachedData()));
  }
};
