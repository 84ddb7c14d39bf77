/**
 * Preloaded by tools/bundle.ts: when the program ends, what V8 has compiled of its bundle is written beside it; of a thread,
 * whenever it says something, since it may be ended once it has said its last.
 */
'use strict';
const { writeFileSync } = require('node:fs');
const vm = require('node:vm');
const { isMainThread, MessagePort } = require('node:worker_threads');

vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    const compiled = options.filename.replace(/\.js$/, '.compiled');
    const keep = () => writeFileSync(compiled, this.createCachedData());
    if (isMainThread) process.once('exit', keep);
    else beforeEachMessage(keep);
  }
};

function beforeEachMessage(keep) {
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (...message) {
    keep();
    return postMessage.apply(this, message);
  };
}
