/** Relay-only sessions through the real coturn with the generated configuration, over UDP and over TLS. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  admit,
  arrive,
  builtClient,
  inCall,
  makeInvite,
  openDesk,
  press,
  sees,
  suiteScope,
  waits,
} from "../support/app.ts";
import { type BrowserName, eventually, launch, type Person, type TestBrowser } from "../support/browsers.ts";
import { type Coturn, startCoturn } from "../support/coturn.ts";
import { spawnRelay } from "../support/relay.ts";

const PAIRS: readonly (readonly [therapist: BrowserName, patient: BrowserName])[] = [
  ["chromium", "chromium"],
  ["chromium", "firefox"],
  ["firefox", "chromium"],
  ["firefox", "firefox"],
];

const everything = suiteScope();
const browsers = new Map<BrowserName, TestBrowser>();
let coturn: Coturn;

before(async () => {
  await builtClient();
  coturn = await startCoturn();
  everything.after(() => coturn.close());
  for (const name of ["chromium", "firefox"] as const) {
    const browser = await launch(name, { trust: coturn.certificate.spki });
    everything.after(() => browser.close());
    browsers.set(name, browser);
  }
});
after(everything.clean);

async function person(name: BrowserName): Promise<Person> {
  const browser = browsers.get(name);
  assert.ok(browser);
  return browser.person();
}

/** Types of the two candidates that carry the media, and every address that this page told the other. */
function route(person: Person) {
  return person.page.evaluate(async () => {
    const connection = globalThis.quietroomConnections.at(-1);
    const stats = [...((await connection?.getStats()) ?? new Map()).values()];
    const pair = stats.find(
      (each) => each.type === "candidate-pair" && each.state === "succeeded" && each.nominated,
    );
    const typeOf = (id: string) => stats.find((each) => each.id === id)?.candidateType;
    return {
      local: typeOf(pair?.localCandidateId),
      remote: typeOf(pair?.remoteCandidateId),
      candidates: (connection?.localDescription?.sdp ?? "").match(/ typ \w+/g) ?? [],
      remoteCandidates: (connection?.remoteDescription?.sdp ?? "").match(/ typ \w+/g) ?? [],
    };
  });
}

for (const transport of ["udp", "tls"] as const)
  for (const [theirs, hers] of PAIRS)
    describe(`over ${transport}, a therapist in ${theirs} and a patient in ${hers}`, () => {
      const scope = suiteScope();
      let therapist: Person;
      let patient: Person;

      before(async () => {
        const relay = await spawnRelay(scope, { env: coturn.environment(transport) });
        [therapist, patient] = [await person(theirs), await person(hers)];
        for (const each of [therapist, patient]) scope.after(() => each.close());
        await openDesk(therapist, relay);
      });
      after(scope.clean);

      test("meet through the TURN server alone", async () => {
        const { link } = await makeInvite(therapist, { hideAddresses: true });
        await arrive(patient, link);
        await waits(patient);
        await admit(therapist);
        await inCall(therapist, patient);
        for (const each of [therapist, patient]) {
          const taken = await eventually("a nominated pair", async () => {
            const found = await route(each);
            return found.local !== undefined && found;
          });
          assert.equal(taken.local, "relay");
          assert.ok([...taken.candidates, ...taken.remoteCandidates].every((type) => type === " typ relay"));
        }
      });

      test("are told so, in the security panel", async () => {
        for (const each of [therapist, patient]) {
          await press(each, /^private/);
          await sees(each, /passed on by (127\.0\.0\.1|localhost)/i);
        }
      });
    });

test("nothing that coturn wrote down names a person", () => {
  assert.doesNotMatch(coturn.logs(), /okafor|lovelace/i);
});
