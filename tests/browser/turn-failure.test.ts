/**
 * Relay-only calls while the TURN server fails them: credentials that end under way, and a server that is killed. The
 * relay's clock here is behind coturn's, so that credentials of a minute, the shortest there are, end after ten seconds.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  admit,
  arrive,
  builtClient,
  inCall,
  makeInvite,
  openDesk,
  press,
  readWords,
  sees,
  suiteScope,
  waits,
} from "../support/app.ts";
import {
  decodesFurther,
  eventually,
  launchChromium,
  type Person,
  type TestBrowser,
} from "../support/browsers.ts";
import { type Coturn, startCoturn } from "../support/coturn.ts";
import { flowOf, lostBetween } from "../support/media-flow.ts";
import { startTestRelay } from "../support/relay.ts";

const BEHIND_MS = 50_000;

const scope = suiteScope();
let browser: TestBrowser;
let coturn: Coturn;
let people: readonly [therapist: Person, patient: Person];

before(async () => {
  await builtClient();
  coturn = await startCoturn({
    // Lifetimes so short that the browsers refresh, and are challenged anew, while the call of this test runs.
    edit: (conf) =>
      conf
        .replace(/^stale-nonce=\d+$/m, "stale-nonce=7")
        .replace(/^max-allocate-lifetime=\d+$/m, "max-allocate-lifetime=10"),
  });
  scope.after(() => coturn.close());
  browser = await launchChromium();
  scope.after(() => browser.close());
  const relay = await startTestRelay(scope, {
    env: { ...coturn.environment("udp"), TURN_CREDENTIAL_MINUTES: "1" },
    now: () => Date.now() - BEHIND_MS,
  });
  people = [await browser.person(), await browser.person()];
  for (const each of people) scope.after(() => each.close());
  const [therapist, patient] = people;
  await openDesk(therapist, relay);
  const { link } = await makeInvite(therapist, { hideAddresses: true });
  await arrive(patient, link);
  await waits(patient);
  await admit(therapist);
  await inCall(...people);
});
after(scope.clean);

/** What this page's connection would ask a TURN server with, and the relayed address that it sends from. */
function turnOf(person: Person) {
  return person.page.evaluate(async () => {
    const connection = globalThis.quietroomConnections.at(-1);
    const stats = [...((await connection?.getStats()) ?? new Map()).values()];
    const transport = stats.find((each) => each.type === "transport");
    const pair = stats.find((each) => each.id === transport?.selectedCandidatePairId);
    const local = stats.find((each) => each.id === pair?.localCandidateId);
    return {
      username: connection?.getConfiguration().iceServers?.[0]?.username ?? "",
      address: `${local?.candidateType} ${local?.port}`,
    };
  });
}

const endOf = (username: string) => Number(username.split(":")[0]) * 1_000;

test("credentials that end under way are renewed; the allocations made with them live on", async () => {
  const before = await Promise.all(people.map(turnOf));
  const flowBefore = await Promise.all(people.map(flowOf));
  const ended = Math.max(...before.map(({ username }) => endOf(username)));
  for (const [index, person] of people.entries()) {
    assert.match(before[index]?.address ?? "", /^relay \d+$/);
    await eventually(
      "renewed credentials",
      async () => endOf((await turnOf(person)).username) > ended,
      40_000,
    );
  }
  // The longest that an allocation or a challenge of before the end may still have lasted.
  await eventually("time past all of it", async () => Date.now() > ended + 12_000, 40_000);
  await Promise.all(people.map((person) => decodesFurther(person.page, 20)));
  const after = await Promise.all(people.map(turnOf));
  for (const [index, person] of people.entries()) {
    assert.equal(after[index]?.address, before[index]?.address, "the same allocation");
    const lost = lostBetween(flowBefore[index], await flowOf(person));
    assert.equal(lost.connections, 0);
    assert.equal(lost.packetsLost, 0);
    assert.equal(lost.keyFrameRequests, 0);
  }
});

test("a killed TURN server: the call comes back by itself, still verified, without a new admission", async () => {
  for (const each of people) {
    await readWords(each);
    await press(each, /^they match$/);
  }
  for (const each of people) await sees(each, /private · verified/i);
  const before = await Promise.all(people.map(turnOf));
  await coturn.kill();
  const gone = performance.now();
  await coturn.restart();
  await Promise.all(people.map((person) => decodesFurther(person.page, 10, 60_000)));
  console.log(`  back ${Math.round(performance.now() - gone)} ms after the kill`);
  await inCall(...people);
  for (const [index, person] of people.entries()) {
    const now = await turnOf(person);
    assert.notEqual(now.address, before[index]?.address);
    assert.equal((await flowOf(person)).connections, 1, "the same peer connection");
    await sees(person, /private · verified/i);
  }
});
