/**
 * HACK: simple-peer (through readable-stream and randombytes) was written for browserify and expects Node's `process`
 * and `global`. Import this before simple-peer. The build also replaces `global` by `globalThis`.
 * https://github.com/feross/simple-peer/issues/883
 */
interface NodeNames {
  process?: { env: object; nextTick(task: (...args: unknown[]) => void, ...args: unknown[]): void };
}

const names: NodeNames & object = globalThis;
names.process ??= {
  env: {},
  nextTick: (task, ...args) => queueMicrotask(() => task(...args)),
};

export {};
