/**
 * `npm run bench -- setup`: how long people wait. From the opened link to the knock at the desk, and from "Admit" to the
 * first picture of the other person; then the same page on a slow phone. Real relay, real coturn, real Chromium.
 */
import {
  admit,
  arrive,
  builtClient,
  makeInvite,
  openDesk,
  PATIENT,
  press,
  sees,
  suiteScope,
} from "../../../tests/support/app.ts";
import { eventually, launch, type Person, type TestBrowser } from "../../../tests/support/browsers.ts";
import { startCoturn } from "../../../tests/support/coturn.ts";
import { spawnRelay } from "../../../tests/support/relay.ts";
import type { Section } from "../table.ts";
import { between, forgetMarks, marksOf, WATCH_PAGE } from "./marks.ts";
import { meetingSection, phoneSection, type Round } from "./rows.ts";
import { slowLine } from "./slow-line.ts";

const ROUNDS = 5;
/** As Lighthouse emulates a mid-range phone, but on the line itself and not in the browser. */
const PHONE = { roundTripMs: 150, down: 1_600_000, up: 750_000, cpuSlowdown: 4 } as const;
export async function measureSetup(): Promise<readonly Section[]> {
  await builtClient();
  const scope = suiteScope();
  try {
    const coturn = await startCoturn();
    scope.after(() => coturn.close());
    const browser = await launch("chromium", { trust: coturn.certificate.spki });
    scope.after(() => browser.close());
    const line = await slowLine(PHONE);
    scope.after(() => line.close());
    const relay = await spawnRelay(scope, {
      env: { ...coturn.environment("udp"), PUBLIC_URL: `http://localhost:${line.port}` },
    });
    line.target = relay.port;
    const therapist = await browser.person({ before: WATCH_PAGE });
    // Before the relay ends, which the page would report.
    scope.after(() => therapist.close());
    await openDesk(therapist, { ...relay, url: `http://localhost:${relay.port}` });

    const direct: Round[] = [];
    const relayed: Round[] = [];
    const phone: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      direct.push(await meet(browser, therapist, false));
      relayed.push(await meet(browser, therapist, true));
      phone.push(await knock(browser, therapist, line.port));
    }
    return [meetingSection(direct, relayed), phoneSection(phone)];
  } finally {
    await scope.clean();
  }
}

async function meet(browser: TestBrowser, therapist: Person, hideAddresses: boolean): Promise<Round> {
  const { link } = await makeInvite(therapist, { hideAddresses });
  await forgetMarks(therapist.page);
  const patient = await browser.person({ before: WATCH_PAGE });
  await arrive(patient, link);
  await sees(therapist, new RegExp(PATIENT));
  const before = await arrived(patient, therapist);
  await admit(therapist);
  const both = await eventually("both pictures", async () => {
    const marks = { patient: await marksOf(patient.page), therapist: await marksOf(therapist.page) };
    return marks.patient["picture"] !== undefined && marks.therapist["picture"] !== undefined && marks;
  });
  const pressed = both.therapist[`pressed Admit ${PATIENT}`];
  const picture = {
    therapist: between(pressed, both.therapist["picture"]),
    patient: between(pressed, both.patient["picture"]),
  };
  await press(therapist, /^end/);
  await press(therapist, /^end the session$/);
  await press(therapist, /back to the desk/);
  await patient.close();
  return { ...before, picture };
}

async function knock(browser: TestBrowser, therapist: Person, port: number): Promise<Round> {
  const { link } = await makeInvite(therapist);
  await forgetMarks(therapist.page);
  const patient = await browser.person({ before: WATCH_PAGE, viewport: { width: 390, height: 844 } });
  await patient.page.emulateCPUThrottling(PHONE.cpuSlowdown);
  const slow = new URL(link);
  slow.port = String(port);
  await arrive(patient, slow.href);
  await sees(therapist, new RegExp(PATIENT));
  const round = await arrived(patient, therapist);
  await patient.close();
  await press(therapist, /^decline/);
  await press(therapist, /^turn away$/);
  return round;
}

async function arrived(patient: Person, therapist: Person): Promise<Round> {
  const hers = await eventually("her card", async () => {
    const marks = await marksOf(therapist.page);
    return marks[`shown Admit ${PATIENT}`] !== undefined && marks;
  });
  const his = await marksOf(patient.page);
  return {
    page: between(his["opened"], his["shown Get ready"]),
    knock: between(his["pressed Go to the waiting room"], hers[`shown Admit ${PATIENT}`]),
  };
}
