/**
 * Passkeys for the people of the tests: the browsers' own WebAuthn with an authenticator of software behind it, whose
 * owner touches it at once. Chromium has one for each page and does not answer a page without (CDP); Firefox has one
 * for all its pages, and answers only the page in front (Marionette beside BiDi).
 *
 *                                     Chromium                      Firefox
 *   PRF                               at create and at get          at get; create only says that there is one
 *   PRF output                        differs for every passkey     is the same for all passkeys
 *   without PRF                       prf: false                    impossible
 *   sign-in without an account name   one passkey for each page     one passkey in the browser: with more, it asks which
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, CDPSession, Page } from "puppeteer-core";
import * as v from "valibot";
import { eventually, type Person } from "./browsers.ts";
import { connectMarionette } from "./marionette.ts";

export interface Passkeys {
  /** From now on it does not recognise its owner: every request is refused, as when she presses "Cancel". For good. */
  refuse(): Promise<void>;
  /** Of every passkey in it, base64url. */
  ids(): Promise<string[]>;
  /** As if she deleted all of them in the settings of her device. */
  clear(): Promise<void>;
  /** One that is not at hand is not touched, and answers nothing. Chromium alone. */
  atHand(here: boolean): Promise<void>;
}

export interface PasskeyWishes {
  /** Without, the authenticator cannot open a vault. Chromium alone can do without. */
  readonly prf?: boolean;
  /**
   * Another tab of hers, or another device with the same passkeys. It must stay open, at the same origin, since its
   * authenticator answers: CDP copies a passkey without what its PRF outputs come from.
   */
  readonly syncedFrom?: Person;
}

const given = new WeakMap<Page | Browser, Promise<Passkeys>>();

/** Gives this page an authenticator. One that it has already stays, whatever the wishes. */
export function givePasskeys(person: Person, wishes: PasskeyWishes = {}): Promise<Passkeys> {
  const { page, name } = person;
  const owner = name === "firefox" ? page.browser() : page;
  const found = given.get(owner);
  if (found !== undefined) return found;
  const passkeys = name === "firefox" ? inFirefox(page.browser(), wishes) : inChromium(page, wishes);
  given.set(owner, passkeys);
  return passkeys;
}

const Credentials = v.array(v.looseObject({ credentialId: v.string() }));
const base64Url = (text: string) => Buffer.from(text, "base64").toString("base64url");

async function inChromium(page: Page, { prf = true, syncedFrom }: PasskeyWishes): Promise<Passkeys> {
  if (syncedFrom !== undefined) {
    const passkeys = await givePasskeys(syncedFrom);
    await page.exposeFunction("quietroomPasskeys", (way: "create" | "get", options: string) =>
      syncedFrom.page.evaluate(answerForAnotherPage, way, options),
    );
    await page.evaluateOnNewDocument(askAnotherPage);
    return passkeys;
  }
  const session = await page.createCDPSession();
  await session.send("WebAuthn.enable");
  return addToPage(session, "internal", prf);
}

/** A security key beside the passkeys that this page of Chromium has already. It is at hand. */
export async function giveSecurityKey({ page }: Person): Promise<Passkeys> {
  const session = await page.createCDPSession();
  await session.send("WebAuthn.enable");
  return addToPage(session, "usb", true);
}

async function addToPage(
  session: CDPSession,
  transport: "internal" | "usb",
  prf: boolean,
): Promise<Passkeys> {
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      hasPrf: prf,
    },
  });
  return {
    // A second "true" would not help: it locks itself after this, as a phone does.
    refuse: () => session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false }),
    async ids() {
      const { credentials } = await session.send("WebAuthn.getCredentials", { authenticatorId });
      return credentials.map(({ credentialId }) => base64Url(credentialId));
    },
    clear: () => session.send("WebAuthn.clearCredentials", { authenticatorId }),
    atHand: (enabled) =>
      session.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled }),
  };
}

async function inFirefox(browser: Browser, { prf = true }: PasskeyWishes): Promise<Passkeys> {
  if (!prf) throw new Error("Firefox's virtual authenticator always has PRF: use Chromium.");
  const { send } = await connectMarionette(await marionettePort(browser));
  const { value: authenticatorId } = v.parse(
    v.object({ value: v.string() }),
    await send("WebAuthn:AddVirtualAuthenticator", {
      protocol: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      isUserConsenting: true,
    }),
  );
  return {
    async refuse() {
      await send("WebAuthn:SetUserVerified", { authenticatorId, isUserVerified: false });
    },
    async ids() {
      const answer = await send("WebAuthn:GetCredentials", { authenticatorId });
      const { value } = v.parse(v.object({ value: Credentials }), answer);
      return value.map(({ credentialId }) => base64Url(credentialId));
    },
    async clear() {
      await send("WebAuthn:RemoveAllCredentials", { authenticatorId });
    },
    atHand: () => Promise.reject(new Error("Firefox's virtual authenticator is always at hand.")),
  };
}

/** Firefox writes it into its profile as soon as it listens. */
function marionettePort(browser: Browser): Promise<number> {
  const started = browser.process()?.spawnargs ?? [];
  const file = join(started[started.indexOf("--profile") + 1] ?? "", "MarionetteActivePort");
  return eventually(
    "Firefox's Marionette",
    async () => existsSync(file) && Number(readFileSync(file, "utf8")),
  );
}

// ---- in pages of Chromium ---------------------------------------------------------------------------------------

/** A credential as JSON, or what the browser says instead. */
type Answer =
  | { readonly credential: string }
  | { readonly refused: { readonly name: string; readonly message: string } };

declare global {
  /** In the pages of a second tab or device alone. The options are JSON. */
  var quietroomPasskeys: (way: "create" | "get", options: string) => Promise<Answer>;
}

/** Runs in the page that has the authenticator. */
async function answerForAnotherPage(way: "create" | "get", options: string): Promise<Answer> {
  try {
    const credential =
      way === "create"
        ? await navigator.credentials.create({
            publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(options)),
          })
        : await navigator.credentials.get({
            publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options)),
          });
    if (!(credential instanceof PublicKeyCredential)) throw new Error("no public key");
    return { credential: JSON.stringify(credential) };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { refused: { name, message } };
  }
}

/** Runs in the page without, before its own scripts. */
function askAnotherPage(): void {
  const encode = (_key: string, value: unknown) => {
    const bytes = ArrayBuffer.isView(value)
      ? value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength)
      : value;
    if (!(bytes instanceof ArrayBuffer)) return value;
    const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
    return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };
  const decode = (text: string) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0))
      .buffer;
  /** What JSON has as text, and a page gets as bytes. */
  const BINARY =
    /^(rawId|clientDataJSON|attestationObject|authenticatorData|signature|userHandle|publicKey|first|second)$/;
  const like = (prototype: object, properties: object) =>
    Object.create(
      prototype,
      Object.fromEntries(
        Object.entries(properties).map(([key, value]) => [key, { value, enumerable: true }]),
      ),
    );
  const ask = async (way: "create" | "get", options: object | undefined) => {
    const answer = await globalThis.quietroomPasskeys(way, JSON.stringify(options, encode));
    if ("refused" in answer) throw new DOMException(answer.refused.message, answer.refused.name);
    const { response, clientExtensionResults, ...rest } = JSON.parse(answer.credential, (key, value) =>
      BINARY.test(key) && typeof value === "string" ? decode(value) : value,
    );
    const kind = way === "create" ? AuthenticatorAttestationResponse : AuthenticatorAssertionResponse;
    return like(PublicKeyCredential.prototype, {
      ...rest,
      getClientExtensionResults: () => clientExtensionResults,
      toJSON: () => JSON.parse(answer.credential),
      response: like(kind.prototype, {
        userHandle: null,
        ...response,
        getTransports: () => response.transports,
        getAuthenticatorData: () => response.authenticatorData,
        getPublicKey: () => response.publicKey ?? null,
        getPublicKeyAlgorithm: () => response.publicKeyAlgorithm,
      }),
    });
  };
  navigator.credentials.create = (options) => ask("create", options?.publicKey);
  navigator.credentials.get = (options) => ask("get", options?.publicKey);
}
