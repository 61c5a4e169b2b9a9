/** The other tabs of this browser that have the same vault open: what one of them does, the others notice. */
import * as v from "valibot";

const News = v.variant("type", [
  /** Keys were wiped, here and there. */
  v.strictObject({ type: v.literal("locked") }),
  /** Another header lies in the database. */
  v.strictObject({ type: v.literal("keys") }),
  v.strictObject({ type: v.literal("changed"), kind: v.string(), id: v.string() }),
]);
export type TabNews = v.InferOutput<typeof News>;

export interface Tabs {
  tell(news: TabNews): void;
  close(): void;
}

/** @param name of the database. News reach pages of this origin only, and lie nowhere. */
export function otherTabs(name: string, hear: (news: TabNews) => void): Tabs {
  const channel = new BroadcastChannel(name);
  // In Node, an open channel keeps the process.
  if ("unref" in channel && typeof channel.unref === "function") channel.unref();
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    const news = v.safeParse(News, data);
    if (news.success) hear(news.output);
  };
  return { tell: (news) => channel.postMessage(news), close: () => channel.close() };
}
