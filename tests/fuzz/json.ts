/** JSON that is nearly right: a valid value with fields changed, left out, added or said twice. Written out by hand, since JSON.stringify would tidy it up. */
import fc from "fast-check";

/** A JSON text as a tree that can hold what no JavaScript value can: a name twice, `-0`, an own `__proto__`. */
type Node =
  | { readonly raw: string }
  | { readonly list: readonly Node[] }
  | { readonly fields: readonly (readonly [name: string, node: Node])[] };

const DEEP = 2_000;
const long = (text: string, count: number) => JSON.stringify(text.repeat(count));

/** JSON texts of values that parsers forget about. */
const ODD_VALUES: readonly string[] = [
  "null",
  "true",
  "false",
  "0",
  "-0",
  "1",
  "-1",
  "0.5",
  "1e999",
  "-1e999",
  "1e-400",
  "9007199254740991",
  "9007199254740992",
  "9007199254740993",
  "4294967295",
  "4294967296",
  "65535",
  "65536",
  "64",
  "2147483648",
  "1E2",
  "1.0",
  '""',
  '" "',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00x"',
  '"\\ud83d\\ude00"',
  '"\\u202e"',
  '"\\u2066"',
  '"\\ufeff"',
  '"__proto__"',
  '"constructor"',
  '"hello"',
  '"signal"',
  '"host"',
  "[]",
  "{}",
  "[[]]",
  "[null]",
  '{"length":3}',
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{"admin":true}}}',
  '{"toString":1}',
  '{"toJSON":1}',
  '{"then":1}',
  long("A", 22),
  long("A", 43),
  long("x", 65),
  long("é", 64),
  long("x", 5_000),
  long("😀", 33),
  "[".repeat(DEEP) + "]".repeat(DEEP),
  `${'{"a":'.repeat(DEEP)}1${"}".repeat(DEEP)}`,
];
const ODD_NAMES: readonly string[] = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "toJSON",
  "then",
  "length",
  "t",
  "type",
  "session",
  "role",
  "0",
  "",
  " ",
  "\u0000",
  "\ud800",
  "T",
];

export function nodeOf(value: unknown): Node {
  if (Array.isArray(value)) return { list: value.map(nodeOf) };
  if (typeof value === "object" && value !== null)
    return { fields: Object.entries(value).map(([name, inner]) => [name, nodeOf(inner)] as const) };
  return { raw: JSON.stringify(value) ?? "null" };
}

function write(node: Node, gap: string): string {
  if ("raw" in node) return node.raw;
  if ("list" in node) return `[${node.list.map((inner) => write(inner, gap)).join(`,${gap}`)}]`;
  const fields = node.fields.map(([name, inner]) => `${JSON.stringify(name)}:${gap}${write(inner, gap)}`);
  return `{${gap}${fields.join(`,${gap}`)}}`;
}

type Change = readonly [kind: number, path: number, pick: number];

/** @param values right ones, as JavaScript */
export function wrongJson(values: readonly unknown[]): fc.Arbitrary<string> {
  const nodes = values.map(nodeOf);
  const change = fc.tuple(fc.nat(6), fc.nat(0xffff), fc.nat(0xffff));
  const changes = fc.array(change, { minLength: 1, maxLength: 3, size: "max" });
  const gap = fc.constantFrom("", "", "", " ", "\n", "\t");
  return fc.tuple(fc.nat(nodes.length - 1), changes, gap).map(([index, list, space]) => {
    const start = nodes[index] ?? { raw: "null" };
    return write(
      list.reduce((node, each) => changed(node, each, nodes), start),
      space,
    );
  });
}

/** Walks down, taking the path's number apart, and changes the node at which it runs out. */
function changed(node: Node, [kind, path, pick]: Change, others: readonly Node[]): Node {
  const width = "raw" in node ? 0 : "list" in node ? node.list.length : node.fields.length;
  const [step, rest] = [path % (width + 1), Math.floor(path / (width + 1))];
  const down: Change = [kind, rest, pick];
  if ("fields" in node && step < width) {
    const fields = node.fields.map(
      ([name, inner], i) => [name, i === step ? changed(inner, down, others) : inner] as const,
    );
    return { fields };
  }
  if ("list" in node && step < width)
    return { list: node.list.map((inner, i) => (i === step ? changed(inner, down, others) : inner)) };
  return here(node, kind, pick, others);
}

function here(node: Node, kind: number, pick: number, others: readonly Node[]): Node {
  const odd: Node = { raw: ODD_VALUES[pick % ODD_VALUES.length] ?? "null" };
  if ("fields" in node) {
    const { fields } = node;
    const at = pick % (fields.length + 1);
    const name = ODD_NAMES[pick % ODD_NAMES.length] ?? "";
    if (kind === 0) return { fields: fields.filter((_, i) => i !== at) };
    if (kind === 1) return { fields: [...fields.slice(0, at), [name, odd], ...fields.slice(at)] };
    if (kind === 2) return { fields: [...fields, ...fields.slice(at, at + 1)] };
    if (kind === 3)
      return { fields: fields.map(([key, inner], i) => (i === at ? [name, inner] : [key, inner])) };
    if (kind === 4) return { fields: fields.toReversed() };
  }
  if ("list" in node) {
    const { list } = node;
    const at = pick % (list.length + 1);
    if (kind === 0) return { list: list.filter((_, i) => i !== at) };
    if (kind === 1) return { list: [...list.slice(0, at), odd, ...list.slice(at)] };
    if (kind === 2) return { list: Array.from({ length: pick % 300 }, () => list[at] ?? odd) };
  }
  return kind === 5 ? (others[pick % others.length] ?? odd) : odd;
}
