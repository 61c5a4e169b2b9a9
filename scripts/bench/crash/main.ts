/**
 * `npm run crash`: kills the relay 200 times (`-- --kills 20` for another number) at random moments while six people
 * sign events, and starts it again on the same data. At the end everything that was ever receipted has to be in the log,
 * once, and every checkpoint that was ever shown has to be of a beginning of it. Exit code 0 if all is well. It takes
 * about a second a kill.
 */
import { parseArgs } from "node:util";
import { survive } from "../../../tests/relay/support/log-crash.ts";
import { suiteScope } from "../../../tests/support/app.ts";

const { values } = parseArgs({ options: { kills: { type: "string", default: "200" } } });
const kills = Number(values.kills);
if (!Number.isInteger(kills) || kills < 1) {
  console.error("--kills takes a whole number above 0.");
  process.exit(2);
}
const scope = suiteScope();
try {
  const { receipted, found, checkpoints } = await survive(scope, kills, (round) => {
    if (round % 10 === 0) console.log(`${round} of ${kills}`);
  });
  console.log(
    `${kills} kills: ${receipted} events receipted, none lost, none doubled; ${found} of them were on the disk and not ` +
      `answered when the relay died; ${checkpoints} checkpoints seen, no two roots of one size.`,
  );
} finally {
  await scope.clean();
}
