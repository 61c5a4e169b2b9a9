/**
 * A small internet, inside the namespaces of enter.ts. This process is the router and the server in the middle; each
 * person's browser lives in a network namespace of their own, at the other end of a cable:
 *
 *   therapist 192.168.10.2 ──── 192.168.10.1 ┐                        ┌ 192.168.20.1 ──── 192.168.20.2 patient
 *                                            ├ router, SERVER_ADDRESS ┤
 *                                            └ the relay, TURN        └ 192.168.30.1 ──── another network of hers
 *
 * Packets are dropped by nftables in the router, at once and in any direction.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { type Captured, capture } from "./capture.ts";
import { SERVER_ADDRESS } from "./enter.ts";
import { tool } from "./tools.ts";

export type Place = "therapist" | "patient";

const NETWORK: Readonly<Record<Place, string>> = { therapist: "192.168.10", patient: "192.168.20" };
/** What the patient's device has after she has walked out of the house. */
const OTHER_NETWORK = "192.168.30";
export const addressOf = (place: Place): string => `${NETWORK[place]}.2`;
export const OTHER_ADDRESS = `${OTHER_NETWORK}.2`;
/** Every address behind SERVER_ADDRESS is private. */
export const PRIVATE = /\b192\.168\.\d+\.\d+\b/;

/** What is dropped. `direct`: between the two people, but not to the server and the TURN server on it. */
export type Damage = "direct" | "media" | "five-percent";

const UDP = "meta l4proto udp";
const RULES: Readonly<Record<Damage, readonly string[]>> = {
  direct: [`forward ${UDP} counter drop`],
  media: [`prerouting ${UDP} counter drop`],
  "five-percent": [`forward ${UDP} numgen random mod 100 < 5 counter drop`],
};

export interface Lab {
  damage(what: Damage): void;
  /** Every packet gets through again. Returns when that is so. */
  repair(): void;
  /** Packets dropped since `damage`. */
  dropped(): number;
  /** The patient's device leaves its network and, `after` that, joins another one. */
  patientLeaves(): void;
  patientArrives(): void;
  /** Everything that passes the router's end of this cable from now on. */
  capture(place: Place): Promise<Captured>;
}

export function buildLab(): Lab {
  ip("link set lo up");
  ip(`address add ${SERVER_ADDRESS}/32 dev lo`);
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
  for (const place of ["therapist", "patient"] as const) lay(place);
  ip(`address add ${OTHER_NETWORK}.1/24 dev patient`);
  nft("add table inet lab");
  for (const hook of ["prerouting", "forward"])
    nft(`add chain inet lab ${hook} { type filter hook ${hook} priority 0; }`);

  return {
    damage: (what) => {
      for (const rule of RULES[what]) nft(`add rule inet lab ${rule}`);
    },
    repair: () => nft("flush table inet lab"),
    dropped: () => Number(/packets (\d+)/.exec(nft("list table inet lab"))?.[1] ?? 0),
    patientLeaves: () => ip(`-n patient address del ${addressOf("patient")}/24 dev eth0`),
    patientArrives: () => {
      ip(`-n patient address add ${OTHER_ADDRESS}/24 dev eth0`);
      ip(`-n patient route add default via ${OTHER_NETWORK}.1`);
    },
    capture: (place) => capture(place),
  };
}

/** A cable from the router to a new namespace. */
function lay(place: Place): void {
  ip(`netns add ${place}`);
  ip(`link add ${place} type veth peer name eth0 netns ${place}`);
  ip(`address add ${NETWORK[place]}.1/24 dev ${place}`);
  ip(`link set ${place} up`);
  ip(`-n ${place} link set lo up`);
  ip(`-n ${place} address add ${addressOf(place)}/24 dev eth0`);
  ip(`-n ${place} link set eth0 up`);
  ip(`-n ${place} route add default via ${NETWORK[place]}.1`);
}

function ip(command: string): void {
  execFileSync(tool("ip"), command.split(" "), { stdio: ["ignore", "ignore", "pipe"] });
}

function nft(command: string): string {
  return execFileSync(tool("nft"), [command], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
