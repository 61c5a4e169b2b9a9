/**
 * How the clinic presents itself on the patient's page: fetched when the page stands already, and left out where it is
 * not to be had. All of it is what the relay says, so nothing depends on it: a colour of six, plain texts, a picture.
 * What it needs of the page it is given: an import of the page's own modules would split them into more files.
 */
import { Branding, DEFAULT_BRANDING, Greeting, logoPath, NO_GREETING } from "../../relay/wire/branding.ts";
import type { ClinicLook } from "../state/model.ts";
import type { Ask } from "../transport/api.ts";

/**
 * Gives the page its colour, too. Never rejects for what the relay does: what cannot be had is as if nobody had set it.
 *
 * @param join which door it is, as `POST /api/door` wants it
 */
export async function findLook(ask: Ask, join: { room: string; token: string }): Promise<ClinicLook> {
  const [branding, greeting] = await Promise.all([
    ask("GET", "/api/branding", Branding).catch(() => DEFAULT_BRANDING),
    ask("POST", "/api/door", Greeting, join).catch(() => NO_GREETING),
  ]);
  document.documentElement.dataset["accent"] = branding.accent;
  return {
    clinic: branding.clinic,
    logo: branding.logo === null ? null : await loaded(logoPath(branding.logo)),
    title: greeting.title,
    welcome: calm(greeting.welcome || branding.welcome),
    waiting: calm(greeting.waiting || branding.waiting),
  };
}

/** More lines than this run on: nobody's text pushes the page's own words far away. */
const MOST_LINES = 12;

function calm(text: string): string {
  const lines = text
    .replace(/\n{3,}/gu, "\n\n")
    .trim()
    .split("\n");
  const rest = lines.splice(MOST_LINES - 1);
  return [...lines, rest.join(" ")].join("\n").trim();
}

/** The address, when there is a picture behind it. */
async function loaded(src: string): Promise<string | null> {
  const picture = Object.assign(new Image(), { src });
  return picture.decode().then(
    () => src,
    () => null,
  );
}
