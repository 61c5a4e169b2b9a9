/** The pages of one browser share one sign-in: what they tell each other about it. */
import * as v from "valibot";

const Message = v.variant("t", [
  /** Somebody is here. */
  v.strictObject({ t: v.literal("active") }),
  /** A call runs in this tab; said again and again while it does. */
  v.strictObject({ t: v.literal("call") }),
  /** Somebody left, or had to: the vault is locked and the cookie is gone. */
  v.strictObject({
    t: v.literal("left"),
    why: v.picklist(["idle", "too-long", "ended-elsewhere", "signed-out"]),
  }),
]);
export type TabMessage = v.InferOutput<typeof Message>;

export interface Tabs {
  tell(message: TabMessage): void;
}

export function openTabs(onMessage: (message: TabMessage) => void): Tabs {
  const channel = new BroadcastChannel("quietroom-tabs");
  channel.onmessage = ({ data }) => {
    // A tab of another release may say other things.
    const message = v.safeParse(Message, data);
    if (message.success) onMessage(message.output);
  };
  return { tell: (message) => channel.postMessage(message) };
}
