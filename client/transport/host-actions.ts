/** What the therapist does with her desk's transport. */
import type { Ice } from "../../relay/wire/requests.ts";
import { ApiError, isPassing } from "./api.ts";
import { type HostCore, task } from "./host-core.ts";
import {
  changeFacts,
  closeOthers,
  closeSession,
  finishSession,
  rekeyLater,
  reportEnded,
} from "./host-sessions.ts";
import type { HostMessage } from "./messages.ts";
import type { HostTransport, SessionKey } from "./types.ts";

export async function loadInvites(core: HostCore): Promise<void> {
  const invites = await core.options.invites();
  core.invites = new Map(invites.map((invite) => [invite.room, invite]));
}

export async function refreshInvites(core: HostCore): Promise<void> {
  await loadInvites(core);
  for (const { facts } of [...core.sessions.values()]) {
    if (!core.invites.has(facts.room)) closeOthers(core, facts.room, null);
  }
  await core.strikes.keepOnly(new Set(core.invites.keys()));
}

export async function admit(core: HostCore, key: SessionKey): ReturnType<HostTransport["admit"]> {
  const session = core.sessions.get(key);
  if (session === undefined) throw new ApiError("SESSION-UNKNOWN");
  const before = session.facts.admitted;
  await changeFacts(session, { admitted: true });
  // At once, not after the relay's answer: the media keys are ready when the TURN credentials are.
  session.channel.rekey();
  rekeyLater(core, session);
  try {
    const ice = await tellAdmitted(core, key);
    if (core.invites.get(session.facts.room)?.use === "single") {
      closeOthers(core, session.facts.room, key);
      // Should that fail, the session itself stands for it, and the list of invites afterwards.
      await core.options.spend(session.facts.room).catch(() => undefined);
    }
    return ice;
  } catch (error) {
    if (error instanceof ApiError && (error.code === "SESSION-ENDED" || error.code === "SESSION-UNKNOWN")) {
      task(core, () => finishSession(core, session, "closed"));
    } else if (!before) {
      await changeFacts(session, { admitted: false });
    }
    throw error;
  }
}

/** A relay that is just being restarted is asked again: she has pressed it once, and that is enough. */
async function tellAdmitted(core: HostCore, key: SessionKey): Promise<Ice> {
  const { api, network } = core.options;
  const { clock, timings } = network;
  const until = clock.now() + timings.admitMs;
  for (;;) {
    try {
      return await api.admit(key);
    } catch (error) {
      const away = error instanceof ApiError && isPassing(error.code) && error.code !== "RATE-LIMITED";
      if (!away || core.over || clock.now() >= until) throw error;
    }
    await new Promise<void>((resolve) => void clock.after(timings.admitRetryMs, resolve));
  }
}

export async function end(core: HostCore, key: SessionKey, goodbye: HostMessage): Promise<void> {
  const session = core.sessions.get(key);
  if (session === undefined || session.facts.ending) return;
  session.facts = { ...session.facts, ending: true };
  session.channel.send(goodbye);
  const { goodbyeMs, takeOverMs } = core.options.network.timings;
  // The relay closes the guest's socket when it hears of the end; the goodbye has to be there before.
  if (core.parked) {
    core.takeOver();
    await session.channel.drained(takeOverMs);
  } else if (core.online && session.here) await session.channel.drained(goodbyeMs);
  await core.queue(() => closeSession(core, session, "ended"));
  await reportEnded(core, key);
}
