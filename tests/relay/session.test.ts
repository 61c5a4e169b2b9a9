/** The walk of one session through the relay, over real HTTP and real sockets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestRelay } from "../support/relay.ts";
import { join, openSocket, signIn } from "../support/relay-client.ts";

test("an invite becomes a knock, a call and an end", async (t) => {
  const relay = await startTestRelay(t);
  const host = await signIn(relay);
  const desk = await host.connect(t);
  const invite = await host.makeInvite();
  const guest = await join(relay, invite);

  const socket = await guest.connect(t);
  const { guest: here } = await desk.heard("guest").then((message) => {
    assert.ok(message.here);
    return message;
  });
  assert.deepEqual(
    { session: here.session, room: here.room, admitted: here.admitted },
    { session: guest.session, room: invite.room, admitted: false },
  );

  const knock = crypto.getRandomValues(new Uint8Array(1_400));
  socket.forward(guest.id, knock);
  assert.deepEqual((await desk.frame()).subarray(17), Buffer.from(knock));
  desk.forward(guest.id, knock.subarray(0, 700));
  assert.deepEqual((await socket.frame()).subarray(17), Buffer.from(knock.subarray(0, 700)));

  assert.equal((await guest.ice()).status, 403);
  assert.deepEqual(await host.admit(guest.session), { iceServers: [], lifeMs: 0 });
  assert.equal((await guest.ice()).status, 200);
  assert.equal((await host.invites())[0]?.state, "used");

  const ticket = await host.ticket();
  const newDesk = await openSocket(t, relay);
  newDesk.hello(ticket);
  const { guests } = await newDesk.heard("ready");
  assert.deepEqual(
    guests.map(({ session, admitted }) => ({ session, admitted })),
    [{ session: guest.session, admitted: true }],
  );

  await host.end(guest.session);
  assert.equal(await socket.closed, 4410);
  assert.deepEqual(await newDesk.heard("guest"), { t: "guest", here: false, session: guest.session });
});
