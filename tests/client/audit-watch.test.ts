/** What a page concludes from all that it is shown of the log, by the relay and by the other person's page. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { newOutboxDisk } from "../../client/audit/memory-outbox.ts";
import type { OwnTrail } from "../../client/audit/trail.ts";
import type { TrailStatus } from "../../client/audit/types.ts";
import { ApiError } from "../../client/transport/api.ts";
import { toBase64Url } from "../../crypto/bytes.ts";
import { type LogRelay, logRelay, newLogKeys, noteOf, sha256, Tree } from "./support/log-relay.ts";
import { closeTrails, newLocks, trailOn } from "./support/trail-page.ts";

afterEach(closeTrails);

/** Resolves when the status is so; the test's own timeout is the end of its patience. */
function becomes(trail: OwnTrail, fits: (status: TrailStatus) => boolean): Promise<TrailStatus> {
  return new Promise((resolve) => {
    const look = () => {
      if (!fits(trail.status)) return;
      stop();
      resolve(trail.status);
    };
    const stop = trail.onStatus(look);
    look();
  });
}
const alarm = (trail: OwnTrail) =>
  becomes(trail, (status) => status.alarm !== null).then(({ alarm: raised }) => raised);

const grown = (tree: Tree, ...leaves: string[]) =>
  new Tree([...tree.leaves, ...leaves.map((leaf) => sha256(new TextEncoder().encode(leaf)))]);

/** A page that has seen the relay's log. */
async function watching(
  relay: LogRelay = logRelay(),
): Promise<{ readonly relay: LogRelay; readonly trail: OwnTrail }> {
  const trail = await trailOn(newOutboxDisk(), relay);
  await trail.look();
  return { relay, trail };
}

test("a newer checkpoint is believed with its proof, and the other page's view is taken over", async () => {
  const { relay, trail } = await watching();
  relay.tree = grown(relay.tree, "a", "b");
  await trail.look();
  assert.equal(relay.proofs, 1);
  const before = trail.status.view.checkpoint;
  relay.tree = grown(relay.tree, "c");
  trail.compare(await noteOf(relay.keys, relay.tree));
  const { view } = await becomes(trail, (status) => status.view.checkpoint !== before);
  assert.equal(view.checkpoint?.split("\n")[1], "5");
  // One that is behind is proven to be of the same log, and changes nothing.
  trail.compare(await noteOf(relay.keys, relay.tree, 2));
  await trail.look();
  assert.equal(relay.proofs, 3);
  assert.deepEqual([trail.status.alarm, trail.status.view], [null, view]);
});

test("two people who were shown two logs: of one size, or of two", async () => {
  const { relay, trail } = await watching();
  const mine = await noteOf(relay.keys, relay.tree);
  trail.compare(await noteOf(relay.keys, new Tree([sha256(new Uint8Array(1)), sha256(new Uint8Array(2))])));
  const raised = await alarm(trail);
  assert.equal(raised?.code, "LOG-FORKED");
  assert.equal(raised?.mine, mine);

  const other = await watching();
  const fork = grown(new Tree([sha256(new Uint8Array(9))]), "a", "b", "c");
  // Whatever it proves: the one has no proof that leads to the other.
  other.relay.proof = async (first, second) => fork.consistency(first, second);
  other.trail.compare(await noteOf(other.relay.keys, fork));
  assert.equal((await alarm(other.trail))?.code, "LOG-FORKED");
});

test("the alarm is signed, with both views, and stands after a reload", async () => {
  const relay = logRelay();
  const disk = newOutboxDisk();
  const trail = await trailOn(disk, relay);
  await trail.look();
  trail.compare(await noteOf(relay.keys, new Tree([sha256(new Uint8Array(1)), sha256(new Uint8Array(2))])));
  await alarm(trail);
  await trail.flush(5_000);
  assert.equal(relay.events.length, 1);
  trail.close();
  const again = await trailOn(disk, relay);
  assert.equal(again.status.alarm?.code, "LOG-FORKED");
  await again.look();
  await again.flush(5_000);
  assert.equal(relay.events.length, 1, "signed once");
  await again.acknowledge();
  await becomes(again, (status) => status.alarm === null);
});

test("a log that shrinks, or is another than it was", async () => {
  for (const [tree, code] of [
    [new Tree([sha256(Uint8Array.of(1))]), "LOG-SHRUNK"],
    [new Tree([sha256(Uint8Array.of(1)), sha256(Uint8Array.of(3))]), "LOG-REWRITTEN"],
    [grown(new Tree([sha256(Uint8Array.of(1)), sha256(Uint8Array.of(3))]), "a"), "LOG-REWRITTEN"],
  ] as const) {
    const { relay, trail } = await watching();
    relay.tree = tree;
    const note = await noteOf(relay.keys, tree);
    await trail.look();
    assert.equal((await alarm(trail))?.code, code);
    // The other person, who was shown the log of before alone, hears of it and finds out for herself.
    const { disputed } = trail.status.view;
    assert.equal(disputed, note);
    // A log that only lacks its end agrees with hers as far as it goes.
    if (code === "LOG-SHRUNK") continue;
    const hers = await watching(logRelay(relay.keys));
    hers.trail.compare(disputed ?? "");
    // Of one that is longer than hers, the relay that keeps to hers has no proof at all.
    assert.match((await alarm(hers.trail))?.code ?? "", /^LOG-(FORKED|WITHHELD)$/);
  }
});

test("another key than the one that was seen first, or that the therapist names", async () => {
  const other = newLogKeys();
  const { relay, trail } = await watching();
  relay.note = () => noteOf(other, relay.tree);
  await trail.look();
  assert.equal((await alarm(trail))?.code, "LOG-KEY");

  const guest = await watching();
  await guest.trail.trust({ log: other.verifier, audit: null });
  assert.equal((await alarm(guest.trail))?.code, "LOG-KEY");
  assert.equal(guest.trail.status.view.key, other.verifier, "hers counts");

  const first = await trailOn(newOutboxDisk(), guest.relay);
  await first.trust({ log: other.verifier, audit: null });
  assert.equal(first.status.alarm, null, "nothing was believed before");
});

test("the audit key is the one that was seen first", async () => {
  const { trail } = await watching();
  const [one, two] = [toBase64Url(new Uint8Array(32).fill(1)), toBase64Url(new Uint8Array(32).fill(2))];
  await trail.auditKeySeen(one);
  await trail.auditKeySeen(one);
  assert.deepEqual([trail.status.alarm, trail.status.view.audit], [null, one]);
  await trail.auditKeySeen(two);
  assert.equal((await alarm(trail))?.code, "AUDIT-KEY-CHANGED");
  assert.equal(trail.status.view.audit, one);
});

test("a proof that is not given, again and again, is an alarm; a relay that is away is none", async () => {
  const { relay, trail } = await watching();
  relay.tree = grown(relay.tree, "a");
  relay.proof = () => Promise.reject(new ApiError("LOG-UNKNOWN"));
  for (let times = 0; times < 2; times++) await trail.look();
  assert.equal(trail.status.alarm, null, "once or twice may be a mishap");
  await trail.look();
  assert.equal((await alarm(trail))?.code, "LOG-WITHHELD");

  const away = await watching();
  away.relay.proof = () => Promise.reject(new ApiError("OFFLINE"));
  away.trail.compare(await noteOf(away.relay.keys, grown(away.relay.tree, "a")));
  away.relay.proof = null;
  away.relay.tree = grown(away.relay.tree, "a");
  await becomes(away.trail, (status) => status.view.checkpoint?.split("\n")[1] === "3");
  assert.equal(away.trail.status.alarm, null);
});

test("two tabs of one browser that are shown two logs find out", async () => {
  const disk = newOutboxDisk();
  const locks = newLocks();
  const keys = newLogKeys();
  const [one, two] = [logRelay(keys), logRelay(keys)];
  const first = await trailOn(disk, one, { locks });
  const second = await trailOn(disk, two, { locks });
  two.tree = new Tree([sha256(Uint8Array.of(7)), sha256(Uint8Array.of(8))]);
  await first.look();
  await second.look();
  assert.equal((await alarm(second))?.code, "LOG-FORKED");
});

test("a note that is none is no alarm: anybody can say anything", async () => {
  const { trail } = await watching();
  for (const note of ["", "quietroom.log/x\n1\n", "x".repeat(1_000)]) trail.compare(note);
  await trail.look();
  assert.equal(trail.status.alarm, null);
});
