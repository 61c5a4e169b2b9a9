/**
 * Two pages that talk, rekey, lose their connection, fail to store and are reloaded at the worst moments. Whatever
 * happens, every message arrives once and in order, no key or nonce is used twice, and both sides can go on.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Role } from "../../crypto/role.ts";
import { Line } from "./support/line.ts";
import type { Fault, Tally } from "./support/page.ts";

const FAULTS: readonly Fault[] = ["none", "store-fails", "reload-before-store", "reload-before-send"];

type Event =
  | { readonly do: "say"; readonly by: Role; readonly fault: Fault }
  | { readonly do: "rekey"; readonly fault: Fault }
  | { readonly do: "deliver"; readonly to: Role; readonly fault: Fault }
  | { readonly do: "lose" | "repeat"; readonly to: Role }
  /** A hostile relay: any frame in flight first, or any frame of the past once more. */
  | { readonly do: "overtake" | "replay"; readonly to: Role; readonly which: number }
  | { readonly do: "reload" | "send again"; readonly by: Role }
  | { readonly do: "reconnect" };

function happen(line: Line, event: Event): void {
  switch (event.do) {
    case "say":
      line.pages[event.by].say(event.fault);
      break;
    case "rekey":
      line.pages.therapist.rekey(event.fault);
      break;
    case "deliver":
      line.deliver(event.to, event.fault);
      break;
    case "lose":
      line.inFlight[event.to].shift();
      break;
    case "repeat":
      line.inFlight[event.to].unshift(...line.inFlight[event.to].slice(0, 1));
      break;
    case "overtake":
      line.deliver(event.to, "none", event.which % Math.max(1, line.inFlight[event.to].length));
      break;
    case "replay":
      line.replay(event.to, event.which);
      break;
    case "reload":
      line.pages[event.by].reload();
      break;
    case "send again":
      line.pages[event.by].sendAgain();
      break;
    case "reconnect":
      line.reconnect();
  }
}

const role = fc.constantFrom<Role>("patient", "therapist");
const fault = fc.oneof({ weight: 8, arbitrary: fc.constant<Fault>("none") }, fc.constantFrom(...FAULTS));
const is = <Name extends string>(name: Name) => fc.constant(name);

const events: fc.Arbitrary<Event> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: is("deliver"), to: role, fault }) },
  { weight: 2, arbitrary: fc.record({ do: is("say"), by: role, fault }) },
  { weight: 2, arbitrary: fc.record({ do: is("rekey"), fault }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("lose", "repeat"), to: role }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("overtake", "replay"), to: role, which: fc.nat() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("reload", "send again"), by: role }) },
  { weight: 1, arbitrary: fc.record({ do: is("reconnect") }) },
);

/** The line heals: all is delivered, and then one more epoch can be negotiated. */
function heal(line: Line): void {
  line.reconnect();
  line.settle();
  line.pages.therapist.rekey();
  line.settle();
  line.checkSettled();
}

test("any course of events leaves both sides in one epoch, with every message delivered once and in order", () => {
  const tally: Tally = new Map();
  fc.assert(
    fc.property(fc.array(events, { minLength: 20, maxLength: 120, size: "max" }), (course) => {
      const line = new Line(tally);
      for (const event of course) happen(line, event);
      line.checkAlways();
      heal(line);
    }),
    { numRuns: 400 },
  );
  for (const what of [
    "therapist: offer replaced",
    "therapist: answer to a replaced offer",
    "therapist: reload while offered",
    "patient: reload while answered",
    "patient: answered again",
    "patient: completed without media keys",
    "patient: duplicate",
    "patient: gap",
    "patient: stale",
    "therapist: stale",
    "therapist: fault: store-fails",
    "patient: fault: reload-before-store",
    "patient: fault: reload-before-send",
  ]) {
    assert.ok((tally.get(what) ?? 0) > 0, `no run had "${what}"`);
  }
});

test("a rekeying survives every combination of a crash in each of its steps and an offer that replaces another", () => {
  const crashes: readonly Fault[] = ["none", "reload-before-store", "reload-before-send"];
  const steps = 5; // offer, answer, accept, complete, confirm
  let courses = 0;
  for (let combination = 0; combination < crashes.length ** steps; combination++) {
    const faults = Array.from(
      { length: steps },
      (_, step) => crashes[Math.floor(combination / crashes.length ** step) % crashes.length] ?? "none",
    );
    for (let replacedBefore = 1; replacedBefore <= steps; replacedBefore++) {
      rekeyWith(faults, replacedBefore);
      courses++;
    }
  }
  assert.equal(courses, 1_215);
});

/** @param replacedBefore the step before which the therapist offers again; none of them for the number of steps */
function rekeyWith(faults: readonly Fault[], replacedBefore: number): void {
  const line = new Line();
  for (const [step, fault] of faults.entries()) {
    if (step === replacedBefore) line.pages.therapist.rekey();
    const to: Role = step % 2 === 1 ? "patient" : "therapist";
    const take = (how: Fault) =>
      step === 0 ? line.pages.therapist.rekey(how) : line.deliverMessage(to, how);
    take(fault);
    if (fault === "none") continue;
    // The page is back and connects again; what was not stored is done again.
    line.reconnect();
    if (fault === "reload-before-store") take("none");
  }
  if (replacedBefore === faults.length) {
    for (const { state } of Object.values(line.pages)) {
      assert.deepEqual([state.epochs.epoch, state.epochs.confirmed], [1, true]);
    }
  }
  line.checkAlways();
  heal(line);
}
