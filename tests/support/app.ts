/**
 * The product as its two users see it: what they press, type and read, by the names on the screen. Nothing here knows
 * of states, transports or class names.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { ElementHandle, Page } from "puppeteer-core";
import { buildClient } from "../../scripts/build.ts";
import { becomesAudible, decodesFurther, eventually, type Person } from "./browsers.ts";
import type { Scope } from "./relay.ts";
import { givePasskeys } from "./virtual-authenticator.ts";

/** Builds the client if its sources have changed. @returns its folder */
export async function builtClient(): Promise<string> {
  await buildClient();
  return join(import.meta.dirname, "..", "..", "client", "dist");
}

/** Clean-up for a whole suite: `after(scope.clean)`. Every task runs, last first; then the first failure is thrown. */
export function suiteScope(): Scope & { readonly clean: () => Promise<void> } {
  const tasks: (() => Promise<void> | void)[] = [];
  return {
    after: (task) => void tasks.push(task),
    async clean() {
      const failures: unknown[] = [];
      for (const task of tasks.splice(0).reverse()) {
        try {
          await task();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}

// ---- a page --------------------------------------------------------------------------------------------------

/** All text that is shown, and the values of read-only fields. */
export function shown(page: Page): Promise<string> {
  return page.evaluate(() => document.body.innerText);
}

export async function sees(person: Person, what: RegExp, timeout?: number): Promise<void> {
  await eventually(`the text ${what}`, async () => what.test(await shown(person.page)), timeout).catch(
    async (error: unknown) => {
      throw new Error(`${String(error)}\nshown instead:\n${await shown(person.page)}`);
    },
  );
}

/** Everything that can be pressed, by the name that a screen reader says. */
export async function pressable(page: Page, name: RegExp): Promise<ElementHandle<Element> | null> {
  const handle = await page.evaluateHandle((source) => {
    const wanted = new RegExp(source, "i");
    const all = document.querySelectorAll<HTMLElement>("button, a[href], summary, label:has(input)");
    // An open dialog makes everything below it unreachable.
    const dialog = [...document.querySelectorAll("dialog:modal")].at(-1);
    const found = [...all].find((element) => {
      if (dialog && !dialog.contains(element)) return false;
      const name = (element.ariaLabel ?? element.innerText).replace(/\s+/g, " ").trim();
      return wanted.test(name) && element.checkVisibility() && !element.matches(":disabled");
    });
    return found ?? null;
  }, name.source);
  return handle.asElement() as ElementHandle<Element> | null;
}

export async function press(person: Person, name: RegExp): Promise<void> {
  await eventually(`something to press named ${name}`, async () => {
    const element = await pressable(person.page, name);
    return element !== null && (await isPressed(element));
  }).catch(async (error: unknown) => {
    throw new Error(`${String(error)}\nshown instead:\n${await shown(person.page)}`);
  });
}

/**
 * Where a message comes in above at that moment, the page moves and the press falls beside it. That counts as none only
 * where it was seen to fall elsewhere: pressed twice, a form would be sent twice.
 */
async function isPressed(element: ElementHandle<Element>): Promise<boolean> {
  const heard = await element.evaluateHandle((target) => {
    const state = { beside: false };
    const name = target.ariaLabel ?? target.textContent;
    const isIt = (other: Element) => other === target || (other.ariaLabel ?? other.textContent) === name;
    const listener = ({ target: at }: Event) => {
      for (let each = at instanceof Element ? at : null; each !== null; each = each.parentElement)
        if (isIt(each)) return;
      state.beside = true;
    };
    document.addEventListener("click", listener, { once: true, capture: true });
    return state;
  });
  await element.click();
  // A press that leads to another page takes this one along.
  return heard.evaluate(({ beside }) => !beside).catch(() => true);
}

/** Types into the field with this label, replacing what is there. */
export async function type(person: Person, label: RegExp, text: string): Promise<void> {
  const field = await eventually(`a field labelled ${label}`, async () => {
    const handle = await person.page.evaluateHandle((source) => {
      const wanted = new RegExp(source, "i");
      const fields = [...document.querySelectorAll<HTMLInputElement>("input")];
      return (
        fields.find((each) => [...(each.labels ?? [])].some((one) => wanted.test(one.innerText))) ?? null
      );
    }, label.source);
    return handle.asElement() as ElementHandle<HTMLInputElement> | null;
  });
  await field.evaluate((input) => input.select());
  await field.type(text);
}

// ---- the therapist ----------------------------------------------------------------------------------------------

export const THERAPIST = "Dr. Okafor";

/**
 * Where the first admin's enrolment link leads: to a relay, or to what stands between it and her. With a name for a
 * host: no browser makes a passkey for an address.
 */
export interface SetupDoor {
  readonly url: string;
  readonly setupToken: string;
}

/** From the printed link to her desk, with a passkey that opens her vault. */
export async function openDesk(therapist: Person, door: SetupDoor): Promise<void> {
  await givePasskeys(therapist);
  await enrolFirst(therapist, door);
  await keepRecoveryCode(therapist);
  await type(therapist, /your name/, THERAPIST);
  await press(therapist, /go to my desk/);
  await sees(therapist, /good to see you/i);
}

/** Up to the passkey; what comes then is her authenticator's business. */
export async function enrolFirst(therapist: Person, { url, setupToken }: SetupDoor): Promise<void> {
  // Firefox makes a passkey for the page in front alone.
  await therapist.page.bringToFront();
  await therapist.page.goto(`${url}/#enrol=${setupToken}`);
  await type(therapist, /your name/, "Ada Okafor");
  await press(therapist, /make my passkey/);
}

/** @returns the code, as it is printed */
export async function keepRecoveryCode(therapist: Person): Promise<string> {
  await sees(therapist, /your( new)? recovery code/i);
  const groups = await therapist.page.$$eval(".door-card .code-groups li", (items) =>
    items.map((item) => item.textContent ?? ""),
  );
  await press(therapist, /i have printed it/);
  await press(therapist, /^(go on|done)/);
  return groups.join("-");
}

/** On another device with her passkeys (givePasskeys `syncedFrom`), or after a lock: one touch. */
export async function signIn(therapist: Person, { url }: { readonly url: string }): Promise<void> {
  await therapist.page.bringToFront();
  await therapist.page.goto(url);
  await press(therapist, /^sign in with your passkey$/);
}

export async function signOut(therapist: Person): Promise<void> {
  await press(therapist, /^your account/);
  await press(therapist, /^sign out$/);
  await sees(therapist, /sign in with your passkey/i);
}

export interface InviteWishes {
  readonly label?: string;
  /** True: the one that is suggested. */
  readonly passcode?: boolean | string;
  readonly personalRoom?: boolean;
  readonly hideAddresses?: boolean;
}

export interface MadeInvite {
  readonly link: string;
  /** As it is shown to her; empty without one. */
  readonly passcode: string;
}

/** Makes an invite and reads link and passcode off the screen. Ends on the desk. */
export async function makeInvite(therapist: Person, wishes: InviteWishes = {}): Promise<MadeInvite> {
  await press(therapist, /^(new invite|make your first invite)$/);
  await type(therapist, /who is it for/, wishes.label ?? "Tuesday");
  if (wishes.personalRoom) await press(therapist, /personal room/);
  const { passcode: wished = false } = wishes;
  if (wished !== false) await press(therapist, /ask for a passcode/);
  if (typeof wished === "string") await type(therapist, /the passcode/, wished);
  if (wishes.hideAddresses) await press(therapist, /^hide/);
  await press(therapist, /make the invite/);
  const link = await eventually("the link on the screen", () =>
    therapist.page.evaluate(() =>
      [...document.querySelectorAll("input")]
        .map((input) => input.value)
        .find((text) => text.includes("/j#")),
    ),
  );
  const passcode = await therapist.page.evaluate(
    () => document.querySelector("output")?.innerText.trim() ?? "",
  );
  assert.equal(passcode !== "", wished !== false, "a passcode is shown if and only if one was asked for");
  await toDesk(therapist);
  return { link, passcode };
}

export async function toDesk(therapist: Person): Promise<void> {
  await press(therapist, /^(desk|back to the desk)$/);
  await sees(therapist, /good to see you|waiting room/i);
}

export async function admit(therapist: Person, patient = PATIENT): Promise<void> {
  await press(therapist, new RegExp(`^admit ${patient}$`));
}

// ---- the patient ------------------------------------------------------------------------------------------------

export const PATIENT = "Ada Lovelace";

/** From the link to the waiting room, or to wherever the link leads. */
export async function arrive(
  patient: Person,
  link: string,
  wishes: { name?: string; passcode?: string } = {},
): Promise<void> {
  await patient.page.goto(link);
  await press(patient, /get ready/);
  await press(patient, /^continue$/);
  await introduce(patient, wishes);
}

export async function introduce(
  patient: Person,
  { name = PATIENT, passcode }: { name?: string; passcode?: string } = {},
): Promise<void> {
  await type(patient, /your name/, name);
  if (passcode !== undefined) await type(patient, /passcode/, passcode);
  await press(patient, /go to the waiting room/);
}

/** The therapist's page has her card, and the patient is told so. */
export async function waits(patient: Person): Promise<void> {
  await sees(patient, /knows that you are here/);
}

// ---- both -------------------------------------------------------------------------------------------------------

/** Pictures are decoded and sound is heard on both sides. */
export async function inCall(...people: readonly Person[]): Promise<void> {
  try {
    await Promise.all(people.flatMap(({ page }) => [decodesFurther(page, 10), becomesAudible(page)]));
  } catch (error) {
    const screens = await Promise.all(people.map(({ page }) => shown(page)));
    throw new Error(`${String(error)}\nshown instead:\n${screens.join("\n----\n")}`);
  }
}

/** The words that this person would read aloud, and the digits. */
export async function readWords(
  person: Person,
): Promise<{ readonly words: string[]; readonly digits: string }> {
  if ((await person.page.$("ol li")) === null) await press(person, /^words/);
  return eventually("seven words", async () => {
    const found = await person.page.evaluate(() => ({
      words: [...document.querySelectorAll<HTMLElement>("ol li")].map(
        (item) => /[a-z]+$/.exec(item.innerText.trim())?.[0] ?? "",
      ),
      digits:
        /[\d\s]{13,}/
          .exec(document.querySelector<HTMLElement>("ol + p")?.innerText ?? "")?.[0]
          .replace(/\D/g, "") ?? "",
    }));
    return found.words.length === 7 && found;
  });
}
