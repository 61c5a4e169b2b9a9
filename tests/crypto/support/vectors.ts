/** Reads vector files. The official ones lie beside the project's folder; a plain clone does not have them. */
import { existsSync, readFileSync } from "node:fs";
import * as v from "valibot";
import { unhex } from "./session.ts";

export const Hex = v.pipe(v.string(), v.regex(/^(?:[0-9a-fA-F]{2})*$/), v.transform(unhex));

/** Parsed JSON of an official vector file, or `null` where the folder is absent. */
export function officialVectors(name: string): unknown {
  const url = new URL(`../../../../shared/vectors/${name}`, import.meta.url);
  return existsSync(url) ? JSON.parse(readFileSync(url, "utf8")) : null;
}

/** For the `skip` of a test on them. */
export const ABSENT = "the official vectors are not beside this clone";

/** Parsed JSON of a file of our own in tests/vectors. */
export function frozenVectors(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../vectors/${name}`, import.meta.url), "utf8"));
}
