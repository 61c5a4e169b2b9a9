import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bellBeside, browserWake } from "../../client/transport/wake.ts";

/** The two objects of a page that it listens to. */
const page = {
  window: new EventTarget(),
  document: Object.assign(new EventTarget(), { visibilityState: "visible" }),
};

before(() => {
  for (const [name, value] of Object.entries(page))
    Object.defineProperty(globalThis, name, { value, configurable: true });
});
after(() => {
  for (const name of Object.keys(page)) Reflect.deleteProperty(globalThis, name);
});

test("the network's return, the page's return and its becoming visible are wake-ups; becoming hidden is none", () => {
  let calls = 0;
  const stop = browserWake(() => {
    calls += 1;
  });
  page.window.dispatchEvent(new Event("online"));
  page.window.dispatchEvent(new Event("pageshow"));
  page.document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(calls, 3);
  page.document.visibilityState = "hidden";
  page.document.dispatchEvent(new Event("visibilitychange"));
  page.window.dispatchEvent(new Event("offline"));
  assert.equal(calls, 3);
  stop();
  page.document.visibilityState = "visible";
  for (const type of ["online", "pageshow"]) page.window.dispatchEvent(new Event(type));
  page.document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(calls, 3);
});

test("a bell wakes whoever listens, as the page itself does, until it is taken down", () => {
  page.document.visibilityState = "visible";
  let calls = 0;
  const bell = bellBeside(browserWake);
  const stop = bell.wake(() => {
    calls += 1;
  });
  bell.ring();
  page.window.dispatchEvent(new Event("online"));
  assert.equal(calls, 2);
  stop();
  bell.ring();
  page.window.dispatchEvent(new Event("online"));
  assert.equal(calls, 2);
});
