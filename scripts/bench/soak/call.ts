/** A real call for the soak: two Chromium pages, through the real relay, in the product's own words. */
import { join } from "node:path";
import {
  admit,
  arrive,
  builtClient,
  inCall,
  makeInvite,
  openDesk,
  press,
  sees,
  waits,
} from "../../../tests/support/app.ts";
import { launchChromium, type Person } from "../../../tests/support/browsers.ts";
import { type Scope, temporaryFolder } from "../../../tests/support/relay.ts";
import { type ServerProcess, startServer } from "../relay/process.ts";
import { writeCamera } from "./camera.ts";
import { PROBE } from "./probe.ts";

export interface SoakCall {
  readonly relay: ServerProcess;
  readonly therapist: Person;
  readonly patient: Person;
  /** As the therapist ends it, with her buttons. */
  end(): Promise<void>;
}

export async function startCall(scope: Scope): Promise<SoakCall> {
  await builtClient();
  const folder = temporaryFolder(scope);
  const camera = join(folder, "camera.y4m");
  writeCamera(camera);
  const relay = await startServer(scope, {
    file: join(import.meta.dirname, "..", "relay", "servers", "quietroom.ts"),
    args: [JSON.stringify({ dataDir: folder })],
  });
  const browser = await launchChromium({ flags: [`--use-file-for-fake-video-capture=${camera}`] });
  scope.after(() => browser.close());
  const [therapist, patient] = [
    await browser.person({ before: PROBE }),
    await browser.person({ before: PROBE }),
  ];
  await openDesk(therapist, { url: `http://localhost:${relay.port}`, setupToken: relay.setupToken });
  const { link } = await makeInvite(therapist);
  await arrive(patient, link);
  await waits(patient);
  await admit(therapist);
  await inCall(therapist, patient);
  return {
    relay,
    therapist,
    patient,
    async end() {
      await press(therapist, /^end/);
      await press(therapist, /^end the session$/);
      await sees(patient, /ended the session/);
    },
  };
}
