import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CompactSign, compactVerify, importJWK } from "jose";
import {
  type AuditEvent,
  eventHash,
  eventId,
  MAX_EVENT_BYTES,
  MAX_TIME,
  maySign,
  parseEvent,
  signEvent,
} from "../../../crypto/audit/event.ts";
import { EVENT_NAMES, EVENTS, type EventName, type EventType } from "../../../crypto/audit/registry.ts";
import { fromBase64Url, toBase64Url } from "../../../crypto/bytes.ts";
import { anEvent, START, sha256, signingKey, someHash, someId, verifyEd25519 } from "../support/audit.ts";
import { rejectsCode, seededRandom, throwsCode } from "../support/session.ts";

const key = signingKey("a key");
const text = await signEvent(anEvent(key), key.sign);
const [header = "", payload = "", signature = ""] = text.split(".");
const json = Buffer.from(payload, "base64url").toString("utf8");

const encode = (payloadText: string) => Buffer.from(payloadText, "utf8").toString("base64url");
const refused = (candidate: string) => throwsCode(() => parseEvent(candidate), "MESSAGE-MALFORMED");
/** With this payload, whoever signed it. */
const refusedPayload = (changed: string) => {
  assert.notEqual(changed, json, "nothing was changed");
  refused(`${header}.${encode(changed)}.${signature}`);
};

test("an event is read as it was signed", () => {
  const parsed = parseEvent(text);
  assert.deepEqual(parsed.event, anEvent(key));
  assert.equal(Buffer.from(parsed.text).toString("latin1"), text);
  assert.equal(Buffer.from(parsed.signed).toString("latin1"), `${header}.${payload}`);
  assert.ok(verifyEd25519(parsed.key, parsed.signed, parsed.signature));
  assert.equal(eventHash(sha256, text), Buffer.from(sha256(Buffer.from(text))).toString("base64url"));
  assert.equal(Buffer.from(header, "base64url").toString("utf8"), '{"alg":"EdDSA","typ":"audit-event+jwt"}');
  assert.ok(json.startsWith(`{"v":1,"id":"${anEvent(key).id}","actor":"${key.actor}","seq":0,"prev":null,`));
});

test("jose verifies what we sign, and we read what jose signs", async () => {
  const jwk = { kty: "OKP", crv: "Ed25519", x: key.actor };
  const verified = await compactVerify(text, await importJWK(jwk, "EdDSA"));
  assert.deepEqual(verified.protectedHeader, { alg: "EdDSA", typ: "audit-event+jwt" });
  assert.equal(new TextDecoder().decode(verified.payload), json);

  const d = toBase64Url(seededRandom("a key")(32));
  const byJose = await new CompactSign(Buffer.from(json))
    .setProtectedHeader({ alg: "EdDSA", typ: "audit-event+jwt" })
    .sign(await importJWK({ ...jwk, d }, "EdDSA"));
  assert.equal(byJose, text, "Ed25519 has one signature, and this header one text");
});

test("WebCrypto signs and verifies it too", async () => {
  const pair = await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const by = { ...key, publicKey: raw, actor: toBase64Url(raw) };
  const signed = await signEvent(
    anEvent(by),
    async (bytes) => new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, pair.privateKey, bytes)),
  );
  const parsed = parseEvent(signed);
  assert.ok(await crypto.subtle.verify({ name: "Ed25519" }, pair.publicKey, parsed.signature, parsed.signed));
});

// ---- one event, one text ---------------------------------------------------------------------------------------

test("another header, other parts", () => {
  for (const other of [
    '{"typ":"audit-event+jwt","alg":"EdDSA"}',
    '{"alg":"EdDSA", "typ":"audit-event+jwt"}',
    '{"alg":"none","typ":"audit-event+jwt"}',
    '{"alg":"Ed25519","typ":"audit-event+jwt"}',
    '{"alg":"EdDSA","typ":"audit-event+jwt","kid":"1"}',
  ])
    refused(`${encode(other)}.${payload}.${signature}`);
  for (const other of [
    "",
    ".",
    "..",
    header,
    `${header}.${payload}`,
    `${header}.${payload}.`,
    `${text}.`,
    ` ${text}`,
    `${text}\n`,
    `${header}..${signature}`,
    `${header}.${payload}=.${signature}`,
    `${header}.${payload}.${signature}=`,
    `${header}.${payload}.${signature.slice(0, -1)}`,
    `${header}.${payload}.A${signature}`,
    `${header}.${payload.slice(0, -1)}.${signature}`,
    `${header}.${payload}.${"é".repeat(86)}`,
    `${header}.\ud800${payload}.${signature}`,
  ])
    refused(other);
});

test("base64url with unused bits that are not zero", () => {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const next = (digit: string) => digits[digits.indexOf(digit) + 1] ?? "A";
  refused(`${header}.${payload}.${signature.slice(0, -1)}${next(signature.at(-1) ?? "")}`);
  for (const field of ["actor", "account", "session"] as const) {
    const value = anEvent(key)[field] ?? "";
    refusedPayload(json.replace(value, value.slice(0, -1) + next(value.at(-1) ?? "")));
  }
});

test("fields in another order, with spaces, left out, doubled or unknown", () => {
  const fields = Object.entries<unknown>(JSON.parse(json)).map(
    ([name, value]) => `"${name}":${JSON.stringify(value)}`,
  );
  assert.equal(`{${fields.join(",")}}`, json);
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] ?? "";
    refusedPayload(`{${fields.toSpliced(i, 1).join(",")}}`);
    refusedPayload(`{${fields.toSpliced(i, 0, field).join(",")}}`);
    refusedPayload(`{${fields.with(i, field.replace(":", ": ")).join(",")}}`);
    refusedPayload(`{${fields.with(i, ` ${field}`).join(",")}}`);
    refusedPayload(`{${fields.with(i, field.replace(/^"(.)/, '"\\u0061')).join(",")}}`);
    if (i > 0)
      refusedPayload(
        `{${fields
          .with(i, fields[i - 1] ?? "")
          .with(i - 1, field)
          .join(",")}}`,
      );
    refusedPayload(`{${fields.toSpliced(i, 0, '"more":null').join(",")}}`);
  }
  for (const other of ["", "null", "[]", "{}", `${json} `, `\ufeff${json}`, json.replace("}", ",}")])
    refusedPayload(other);
});

test("values that another writer might have written", () => {
  const event = anEvent(key);
  for (const [from, to] of [
    ['"v":1', '"v":2'],
    ['"v":1', '"v":1.0'],
    ['"seq":0', '"seq":-0'],
    ['"seq":0', '"seq":00'],
    ['"seq":0', '"seq":0.0'],
    ['"seq":0', '"seq":0e0'],
    ['"seq":0', '"seq":"0"'],
    ['"seq":0', '"seq":1'],
    ['"prev":null', `"prev":"${someHash("x")}"`],
    ['"prev":null', '"prev":""'],
    [`"time":${START}`, '"time":-1'],
    [`"time":${START}`, `"time":${MAX_TIME + 1}`],
    [`"time":${START}`, `"time":${START}.5`],
    [`"time":${START}`, '"time":1.79e12'],
    [event.id, event.id.toUpperCase()],
    [event.id, event.id.replace(/-7/, "-4")],
    [event.id, event.id.replaceAll("-", "")],
    [event.id, event.id.replace(/-([89ab])(...)-/, "-c$2-")],
    ['"action":"admit"', '"action":"Admit"'],
    ['"action":"admit"', '"action":"admit "'],
    ['"action":"admit"', '"action":"constructor"'],
    ['"action":"admit"', '"action":"__proto__"'],
    ['"outcome":"success"', '"outcome":"failure"'],
    ['"outcome":"success"', '"outcome":"unknown"'],
    ["Firefox on Linux", "Fire\\u0066ox"],
    ["Firefox on Linux", "Firefox\\n"],
    ["Firefox on Linux", "Firéfox"],
    ["Firefox on Linux", "Fire\u0000fox"],
    ["Firefox on Linux", "Fire\u007ffox"],
    ["Firefox on Linux", "x".repeat(61)],
    ['"checkpoint":null', `"checkpoint":{"size":0,"root":"${someHash("r")}"}`],
    ['"checkpoint":null', `"checkpoint":{"root":"${someHash("r")}","size":1}`],
    ['"checkpoint":null', '"checkpoint":{"size":1,"root":null}'],
    ['"checkpoint":null', `"checkpoint":{"size":9007199254740992,"root":"${someHash("r")}"}`],
    ['"details":null', '"details":""'],
    ['"details":null', '"details":"AA"'],
    ['"details":null', `"details":"${toBase64Url(new Uint8Array(175))}"`],
    ['"details":null', `"details":"${toBase64Url(new Uint8Array(48 + 1_664))}"`],
    ['"details":null', '"details":{}'],
  ] as const) {
    assert.ok(json.includes(from), from);
    refusedPayload(json.replace(from, to));
  }
});

test("any one character of the text changed is another event, or none", () => {
  for (let i = 0; i < text.length; i++) {
    const changed = text.slice(0, i) + (text[i] === "A" ? "B" : "A") + text.slice(i + 1);
    let parsed: ReturnType<typeof parseEvent>;
    try {
      parsed = parseEvent(changed);
    } catch {
      continue;
    }
    assert.ok(!verifyEd25519(parsed.key, parsed.signed, parsed.signature), `${i}`);
  }
});

// ---- the registry ----------------------------------------------------------------------------------------------

const subjectOf = (type: EventType) =>
  type.subject === null ? null : type.subject === "key" ? someHash("key") : someId("subject");

/** Right for this type and one of its signers. */
function rightFor(action: EventName, outcome = EVENTS[action].outcomes[0]): AuditEvent {
  const type: EventType = EVENTS[action];
  const guest = type.signers[0] === "guest";
  return anEvent(key, {
    action,
    outcome,
    account: guest ? null : someId("account"),
    session: type.session === "never" ? null : someId("session"),
    subject: subjectOf(type),
  });
}

const takes = async (event: AuditEvent) => {
  const parsed = parseEvent(await signEvent(event, key.sign));
  assert.deepEqual(parsed.event, event);
};
const refuses = (event: AuditEvent) => rejectsCode(signEvent(event, key.sign), "ARGUMENT-INVALID");

test("every type of the registry: its outcomes, session, subject and details, and nothing else", async () => {
  const sealed = toBase64Url(new Uint8Array(48 + 128));
  for (const action of EVENT_NAMES) {
    const type: EventType = EVENTS[action];
    const right = rightFor(action);
    for (const outcome of type.outcomes) await takes({ ...right, outcome });
    for (const outcome of ["success", "failure"] as const)
      if (!type.outcomes.includes(outcome)) await refuses({ ...right, outcome });

    if (type.session === "never") await refuses({ ...right, session: someId("s") });
    if (type.session === "always") await refuses({ ...right, session: null });
    if (type.session === "maybe" && type.signers.some((signer) => signer !== "guest"))
      await takes({ ...right, session: null });

    if (type.subject === null) await refuses({ ...right, subject: someId("s") });
    else {
      await refuses({ ...right, subject: type.subject === "key" ? someId("s") : someHash("k") });
      if (type.outcomes.includes("success")) await refuses({ ...right, outcome: "success", subject: null });
      if (type.outcomes.includes("failure")) await takes({ ...right, outcome: "failure", subject: null });
    }

    const hasDetails = Object.keys(type.details).length > 0;
    await (hasDetails ? takes : refuses)({ ...right, details: sealed });
  }
});

test("the account tells staff from guests", async () => {
  await refuses(anEvent(key, { account: null }));
  await refuses(anEvent(key, { action: "knock" }));
  await takes(anEvent(key, { action: "knock", account: null }));
  await takes(anEvent(key, { action: "words.compared", account: null }));
  await takes(anEvent(key, { action: "log.alarm", outcome: "failure", session: null }));
  await refuses(anEvent(key, { action: "log.alarm", outcome: "failure", session: null, account: null }));

  const [both, relays] = [
    anEvent(key, { action: "words.compared" }),
    anEvent(key, { action: "relay.stopped" }),
  ];
  assert.deepEqual(
    [maySign(both, "staff"), maySign(both, "guest"), maySign(both, "relay")],
    [true, false, false],
  );
  const guests = { ...both, account: null };
  assert.deepEqual([maySign(guests, "staff"), maySign(guests, "guest")], [false, true]);
  assert.deepEqual([maySign(relays, "staff"), maySign(relays, "relay")], [false, true]);
});

test("every registered type fits into the bound, sealed details and all", async () => {
  const longest = anEvent(key, {
    seq: Number.MAX_SAFE_INTEGER,
    prev: someHash("prev"),
    time: MAX_TIME,
    action: "log.key-added",
    subject: someHash("key"),
    device: "x".repeat(60),
    checkpoint: { size: Number.MAX_SAFE_INTEGER, root: someHash("root") },
  });
  await takes(longest);
  const most = toBase64Url(new Uint8Array(48 + 1_536));
  for (const action of EVENT_NAMES) {
    if (Object.keys(EVENTS[action].details).length === 0) continue;
    const event = { ...longest, ...rightFor(action), seq: longest.seq, prev: longest.prev, details: most };
    const signed = await signEvent(
      { ...event, device: longest.device, checkpoint: longest.checkpoint },
      key.sign,
    );
    assert.ok(signed.length <= MAX_EVENT_BYTES, `${action}: ${signed.length}`);
  }
});

test("what is not an event is not signed, and a signature has 64 bytes", async () => {
  let asked = 0;
  const counting = async (bytes: Uint8Array) => {
    asked++;
    return key.sign(new Uint8Array(bytes));
  };
  for (const changes of [
    { device: "\ud800" },
    { device: 'a"b' },
    { seq: 1 },
    { seq: -1 },
    { time: Number.NaN },
    { actor: "x" },
    { id: "" },
  ])
    await rejectsCode(signEvent(anEvent(key, changes), counting), "ARGUMENT-INVALID");
  assert.equal(asked, 0);
  const short = async () => new Uint8Array(63);
  await rejectsCode(signEvent(anEvent(key), short), "ARGUMENT-INVALID");
});

test("ids are UUIDs of version 7, and sort by time", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: MAX_TIME }),
      fc.uint8Array({ minLength: 10, maxLength: 10 }),
      (time, random) => {
        const id = eventId(time, random);
        assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        assert.equal(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16), time);
        assert.ok(eventId(time + 1, random) > id);
      },
    ),
  );
  // RFC 9562, appendix A.6
  const random = Uint8Array.from(Buffer.from("0cc318c4dc0c0c07398f", "hex"));
  assert.equal(eventId(0x017f22e279b0, random), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  throwsCode(() => eventId(START, new Uint8Array(9)), "ARGUMENT-INVALID");
  throwsCode(() => eventId(-1, new Uint8Array(10)), "ARGUMENT-INVALID");
  throwsCode(() => eventId(0.5, new Uint8Array(10)), "ARGUMENT-INVALID");
  assert.ok(fromBase64Url(key.actor) !== null);
});
