/** Which views of a log may live together, and which raise the alarm. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { judge, type Source, weigh } from "../../client/audit/witness.ts";
import { fromBase64Url } from "../../crypto/bytes.ts";
import { sha256, Tree } from "./support/log-relay.ts";

const leaf = (text: string) => sha256(new TextEncoder().encode(text));
const treeOf = (texts: readonly string[]) => new Tree(texts.map(leaf));
const view = (tree: Tree, size = tree.leaves.length) => ({ origin: "o", size, root: tree.root(size) });
const relay = (least = 0): Source => ({ from: "relay", least });
const peer: Source = { from: "peer" };

test("the first view is believed, and the same one again", () => {
  const tree = treeOf(["a", "b", "c"]);
  assert.deepEqual(judge(null, view(tree), relay()), { type: "believe" });
  assert.deepEqual(judge(view(tree), view(tree), relay(3)), { type: "believe" });
  assert.deepEqual(judge(view(tree), view(tree), peer), { type: "believe" });
});

test("one size and two roots", () => {
  const [one, two] = [view(treeOf(["a", "b"])), view(treeOf(["a", "c"]))];
  assert.deepEqual(judge(one, two, peer), { type: "alarm", code: "LOG-FORKED" });
  assert.deepEqual(judge(one, two, relay()), { type: "alarm", code: "LOG-REWRITTEN" });
});

test("the relay may not answer with less than it was known to have; another page, or an older answer, may", () => {
  const tree = treeOf(["a", "b", "c"]);
  assert.deepEqual(judge(view(tree), view(tree, 2), relay(3)), { type: "alarm", code: "LOG-SHRUNK" });
  for (const source of [peer, relay(2)])
    assert.deepEqual(judge(view(tree), view(tree, 2), source), {
      type: "prove",
      older: view(tree, 2),
      newer: view(tree),
    });
});

test("two views are one log exactly if the proof says so, whoever comes first", () => {
  const texts = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(texts, texts, fc.nat(), fc.boolean(), (mine, theirs, at, honest) => {
      const one = treeOf(mine);
      // An honest other one has grown from the same beginning.
      const others = honest ? [...mine, ...theirs] : theirs;
      const two = treeOf(others);
      const first = view(one, 1 + (at % one.leaves.length));
      const verdict = judge(first, view(two), peer);
      const agrees = begins(mine.slice(0, first.size), others);
      if (verdict.type !== "prove") {
        assert.equal(verdict.type === "believe", agrees);
        return;
      }
      const longer = verdict.newer.size === first.size ? one : two;
      const proof = longer
        .consistency(verdict.older.size, verdict.newer.size)
        .map((hash) => fromBase64Url(hash) ?? assert.fail());
      assert.equal(weigh(sha256, verdict, proof, peer), agrees ? null : "LOG-FORKED");
    }),
  );
});

/** As far as both go. */
function begins(mine: readonly string[], theirs: readonly string[]): boolean {
  const common = Math.min(mine.length, theirs.length);
  return mine.slice(0, common).join() === theirs.slice(0, common).join();
}
