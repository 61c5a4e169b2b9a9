/** The relay may die at any time: whoever was connected comes back and finds everything that was answered. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { spawnRelay, temporaryFolder } from "../support/relay.ts";
import { guestOf, hostWithCookie, join, signIn } from "../support/relay-client.ts";

test("after kill -9 and a new start both sides come back with what they had", async (t) => {
  const dataDir = temporaryFolder(t);
  const first = await spawnRelay(t, { dataDir });
  const host = await signIn(first);
  const invite = await host.makeInvite();
  const guest = await join(first, invite);
  const desk = await host.connect(t);
  const socket = await guest.connect(t);
  await host.admit(guest.session);
  await first.kill();
  assert.deepEqual(await Promise.all([desk.closed, socket.closed]), [1006, 1006]);

  const second = await spawnRelay(t, { dataDir, port: first.port });
  const sameHost = hostWithCookie(second, host.cookie);
  const sameGuest = guestOf(second, guest);
  assert.equal((await sameGuest.rejoin()).admitted, true);
  const newDesk = await sameHost.connect(t);
  const newSocket = await sameGuest.connect(t);
  const message = await newDesk.heard("guest");
  assert.ok(message.here);
  assert.deepEqual([message.guest.session, message.guest.admitted], [guest.session, true]);
  newSocket.forward(guest.id, new Uint8Array([7]));
  assert.equal((await newDesk.frame()).at(17), 7);
  assert.equal(await second.stop(), 0);
});
