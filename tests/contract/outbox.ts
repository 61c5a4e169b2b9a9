/** Holds an adapter to client/audit/outbox.ts. Runs in Node and, bundled, in a real page: so without node:assert. */
import type { Actor, Outbox, Queued, Refused } from "../../client/audit/outbox.ts";

export interface OutboxBench {
  readonly outbox: Outbox;
  /** The same data with a new adapter, as after a reload. */
  reopen(): Promise<Outbox>;
}

export interface OutboxCase {
  readonly name: string;
  readonly run: (bench: OutboxBench) => Promise<void>;
}

function same(actual: unknown, expected: unknown, what: string): void {
  const shown = [actual, expected].map((value) => JSON.stringify(value) ?? "undefined");
  if (shown[0] !== shown[1]) throw new Error(`${what}: ${shown[0]} instead of ${shown[1]}`);
}

const ADA = "staff:ada";
const GUEST = "guest:one";

async function actor(owner: Actor["owner"] = ADA): Promise<Actor> {
  const { privateKey } = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  return { owner, key: privateKey, publicKey: owner, seq: 0, head: null, receipted: 0, resume: null };
}
const event = (seq: number, owner: Actor["owner"] = ADA): Queued => ({
  owner,
  seq,
  action: "knock",
  text: `${owner} ${seq}`,
});
const seqs = (events: readonly Queued[]) => events.map(({ seq }) => seq);

async function filled({ outbox }: OutboxBench, events = 4): Promise<void> {
  await outbox.begin(await actor());
  for (let seq = 0; seq < events; seq++) same(await outbox.append(event(seq), `h${seq}`), true, "appended");
}

export const outboxCases: readonly OutboxCase[] = [
  {
    name: "the first actor stays, and its key signs after a reload",
    async run({ outbox, reopen }) {
      same(await outbox.actor(ADA), null, "none");
      const [one, two] = await Promise.all([outbox.begin(await actor()), outbox.begin(await actor())]);
      same([one.publicKey, one.key.extractable], [two.publicKey, false], "one key");
      const again = await reopen();
      const stored = await again.actor(ADA);
      if (stored === null) throw new Error("no actor");
      const signature = await crypto.subtle.sign("Ed25519", stored.key, new Uint8Array(3));
      const same3 = await crypto.subtle.sign("Ed25519", one.key, new Uint8Array(3));
      same([...new Uint8Array(signature)], [...new Uint8Array(same3)], "the same key");
    },
  },
  {
    name: "events come back in order, also after a reload, each owner's alone",
    async run(bench) {
      await filled(bench, 12);
      await bench.outbox.begin(await actor(GUEST));
      await bench.outbox.append(event(0, GUEST), "g");
      const again = await bench.reopen();
      same(seqs(await again.queued(ADA, 100)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], "all");
      same(seqs(await again.queued(ADA, 3)), [0, 1, 2], "the oldest");
      same([await again.count(ADA), await again.count(GUEST)], [12, 1], "counts");
      same([(await again.actor(ADA))?.seq, (await again.actor(ADA))?.head], [12, "h11"], "the chain");
      same([await again.owners("staff"), await again.owners("guest")], [[ADA], [GUEST]], "owners");
    },
  },
  {
    name: "of two with one number, one is written and the other is told",
    async run(bench) {
      await filled(bench, 1);
      const both = await Promise.all([
        bench.outbox.append(event(1), "a"),
        bench.outbox.append(event(1), "b"),
      ]);
      same(both.sort(), [false, true], "one");
      same(await bench.outbox.append(event(3), "c"), false, "no number is skipped");
      same(await bench.outbox.append(event(0, GUEST), "c"), false, "without an actor");
      same(await bench.outbox.count(ADA), 2, "count");
    },
  },
  {
    name: "what was taken or refused leaves the queue, and the refused is kept aside",
    async run(bench) {
      await filled(bench);
      const refused: Refused = { ...event(1), code: "AUDIT-RIGHT" };
      await bench.outbox.settle(ADA, { taken: [0], refused: [refused] });
      const again = await bench.reopen();
      same(seqs(await again.queued(ADA, 9)), [2, 3], "queued");
      same(
        (await again.refused(ADA)).map(({ seq, code, text }) => [seq, code, text]),
        [[1, "AUDIT-RIGHT", event(1).text]],
        "aside",
      );
      same((await again.actor(ADA))?.receipted, 1, "receipted");
      await again.settle(ADA, { taken: [], refused: [refused] });
      same((await again.refused(ADA)).length, 1, "once");
      await again.settle(ADA, { taken: [2], refused: [] });
      same((await again.actor(ADA))?.receipted, 3, "receipted");
    },
  },
  {
    name: "a queue is numbered anew in one step, if nobody was faster",
    async run(bench) {
      await filled(bench);
      await bench.outbox.settle(ADA, { taken: [0], refused: [{ ...event(1), code: "AUDIT-RIGHT" }] });
      const anew = [2, 3].map((seq) => ({ ...event(seq), seq: seq - 1, text: `anew ${seq}` }));
      same(
        await bench.outbox.rechain({ owner: ADA, seq: 3 }, anew, { seq: 3, head: "n" }),
        false,
        "too late",
      );
      same(seqs(await bench.outbox.queued(ADA, 9)), [2, 3], "nothing changed");
      same(await bench.outbox.rechain({ owner: ADA, seq: 4 }, anew, { seq: 3, head: "n" }), true, "in time");
      const again = await bench.reopen();
      same(
        (await again.queued(ADA, 9)).map(({ seq, text }) => [seq, text]),
        [
          [1, "anew 2"],
          [2, "anew 3"],
        ],
        "queue",
      );
      same([(await again.actor(ADA))?.seq, (await again.actor(ADA))?.head], [3, "n"], "the chain");
      same(await again.append(event(3), "m"), true, "and goes on");
    },
  },
  {
    name: "what the watch remembers",
    async run({ outbox, reopen }) {
      same((await outbox.watch(ADA)).key, null, "nothing");
      const alarm = { code: "LOG-SHRUNK", mine: "a", theirs: "b" } as const;
      const watch = { key: "k", audit: null, note: "n", alarm };
      await outbox.setWatch(ADA, watch);
      const stored = await (await reopen()).watch(ADA);
      same([stored.key, stored.audit, stored.note, stored.alarm], ["k", null, "n", alarm], "after a reload");
      same((await outbox.watch(GUEST)).note, null, "another's");
    },
  },
  {
    name: "forgetting takes all of one owner, and nothing of another",
    async run(bench) {
      await filled(bench, 2);
      await bench.outbox.settle(ADA, { taken: [], refused: [{ ...event(0), code: "AUDIT-LIMIT" }] });
      await bench.outbox.begin(await actor(GUEST));
      await bench.outbox.append(event(0, GUEST), "g");
      await bench.outbox.forget(ADA);
      const again = await bench.reopen();
      same(
        [await again.actor(ADA), await again.count(ADA), (await again.refused(ADA)).length],
        [null, 0, 0],
        "gone",
      );
      same(await again.count(GUEST), 1, "the other's");
    },
  },
];
