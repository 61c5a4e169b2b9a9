/**
 * Writes turnserver.conf. coturn's parser takes one `name=value` a line and knows no comment behind a value, so the
 * reason of each line stands above it. Every value has passed settings.ts, which lets no blank, quote or line end in.
 */
import { DENIED_IPV4, DENIED_IPV6, deniedIpv4Range, type PeerRange } from "./denied-peers.ts";
import type { TurnServerSettings } from "./settings.ts";

/** Lines that belong together, and why they are there. */
interface Paragraph {
  readonly why: readonly string[];
  readonly lines: readonly string[];
}

/**
 * Allocations at once under one credential. A browser asks over UDP, TCP and TLS, on each of its networks (Wi-Fi and
 * mobile, or a VPN), and once more while ICE restarts: 3 x 2 x 2.
 */
export const USER_QUOTA = 12;

/** The whole file. It holds the secret: store it with mode 0600. */
export function turnserverConf(settings: TurnServerSettings): string {
  const sections = [
    section("Addresses and ports", addresses(settings)),
    section("Who may use it", access(settings)),
    section("TLS", tls(settings)),
    section("Doors that stay shut", shut()),
    section("Limits", limits(settings)),
    section("Process and log", process(settings)),
    section("Peers that nobody may reach", peers(settings)),
  ];
  return `${HEADER}\n${sections.join("\n")}`;
}

const HEADER = `# turnserver.conf for Quietroom, written by "npm run turn:config". Change the settings and write it again instead of
# editing it. It holds a secret: nobody but coturn may read it.
# For coturn 4.6.1 and newer; 4.17 or newer is advised (turn/README.md says why). Newer versions warn about a few
# lines that they no longer need ("Bad configuration format", "deprecated"): harmless.
`;

function section(title: string, paragraphs: readonly Paragraph[]): string {
  const body = paragraphs.map(
    ({ why, lines }) => `${[...why.map((line) => `# ${line}`), ...lines].join("\n")}\n`,
  );
  return `# --- ${title} ---\n\n${body.join("\n")}`;
}

function addresses(settings: TurnServerSettings): Paragraph[] {
  const { externalIp, listenIp, relayIp, port, tlsPort, minPort, maxPort } = settings;
  const nat: Paragraph = {
    why: ["This box stands behind NAT: peers are told the first address, packets leave from the second."],
    lines: [`external-ip=${externalIp}/${relayIp}`],
  };
  return [
    {
      why: ["Named, so that coturn does not listen on every address of the box."],
      lines: [`listening-ip=${listenIp}`],
    },
    {
      why: [
        "Relayed addresses are IPv4 only: before 4.13.1 an IPv6 one reaches denied IPv4 peers through ::ffff:, NAT64 and",
        "6to4 (CVE-2026-27624, CVE-2026-53450).",
      ],
      lines: [`relay-ip=${relayIp}`],
    },
    ...(relayIp === externalIp ? [] : [nat]),
    { why: ["UDP and TCP."], lines: [`listening-port=${port}`] },
    {
      why: [
        "TLS. On 443 it passes firewalls that allow web traffic alone; that needs an address of its own.",
      ],
      lines: [`tls-listening-port=${tlsPort}`],
    },
    {
      why: ["UDP ports of the relayed addresses. Open these in the firewall, and no others above 1024."],
      lines: [`min-port=${minPort}`, `max-port=${maxPort}`],
    },
  ];
}

function access({ secret, previousSecret, realm }: TurnServerSettings): Paragraph[] {
  const previous: Paragraph = {
    why: ["The secret before: accepted until the rotation is over."],
    lines: [`static-auth-secret=${previousSecret}`],
  };
  return [
    {
      why: [
        "Credentials of the relay's that end by themselves after minutes: the name says when, the password is a MAC over",
        "it. There are no accounts to steal.",
      ],
      lines: ["use-auth-secret", `static-auth-secret=${secret}`],
    },
    ...(previousSecret === null ? [] : [previous]),
    { why: ["Part of what the password is bound to."], lines: [`realm=${realm}`] },
    {
      why: ["A challenge is good for ten minutes, so a recorded request cannot be played back later."],
      lines: ["stale-nonce=600"],
    },
    {
      why: [
        "No `secure-stun` here: it would also refuse the plain STUN request from which Chromium learns its public address,",
        "and behind NAT no call would find a direct path. The answer to a stranger is shorter than the refusal would be.",
      ],
      lines: [],
    },
    {
      why: ["Marks every message as STUN where it shares a port with other traffic (RFC 8489 §14.7)."],
      lines: ["fingerprint"],
    },
  ];
}

function tls({ certificateFile, keyFile }: TurnServerSettings): Paragraph[] {
  return [
    {
      why: ["Read again on SIGUSR2, so a renewed certificate needs no restart."],
      lines: [`cert=${certificateFile}`, `pkey=${keyFile}`],
    },
    {
      why: [
        "TLS 1.2 or newer, on 4.6.1; it has nothing newer itself. Later versions no longer know these two lines.",
      ],
      lines: ["no-tlsv1", "no-tlsv1_1"],
    },
    {
      why: [
        "Forward secrecy and authenticated encryption. No TLS before 1.2 has these ciphers, so in later versions of coturn",
        "this is what keeps the old ones out; those of TLS 1.3 are all of this kind.",
      ],
      lines: ['cipher-list="ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL"'],
    },
    {
      why: [
        "No browser speaks TURN over DTLS, and strangers could fill its handshake table (CVE-2026-73214).",
      ],
      lines: ["no-dtls"],
    },
  ];
}

function shut(): Paragraph[] {
  return [
    {
      why: [
        "Relaying to TCP peers (RFC 6062) would open internal web servers and databases; WebRTC never asks for it.",
      ],
      lines: ["no-tcp-relay"],
    },
    { why: ["One packet to a multicast group would reach many."], lines: ["no-multicast-peers"] },
    {
      why: ["The telnet console: a password to guess, and on 4.6.1 it crashes the server."],
      lines: ["no-cli"],
    },
    {
      why: [
        "NAT discovery and the oldest STUN make answers longer than questions, which amplifies forged ones.",
      ],
      lines: ["no-rfc5780", "no-stun-backward-compatibility", "response-origin-only-with-rfc5780"],
    },
    { why: ["The version is nobody's business."], lines: ["no-software-attribute"] },
    {
      why: ["This file alone decides: no realms, limits or peer lists out of coturn's database."],
      lines: ["no-dynamic-ip-list", "no-dynamic-realms"],
    },
  ];
}

function limits({ totalQuota }: TurnServerSettings): Paragraph[] {
  return [
    {
      why: [
        "Allocations at once under one credential: over UDP, TCP and TLS, on two networks, and again while ICE restarts.",
      ],
      lines: [`user-quota=${USER_QUOTA}`],
    },
    {
      why: ["Allocations at once of everybody: a call takes up to six. Each has a port of the range above."],
      lines: [`total-quota=${totalQuota}`],
    },
    {
      why: [
        "Bytes (not bits) a second for each allocation and direction: about 3.2 Mbit/s, enough for video in HD.",
      ],
      lines: ["max-bps=400000"],
    },
    { why: ["No limit for all together: total-quota times max-bps is one."], lines: ["bps-capacity=0"] },
    {
      why: ["Seconds. An allocation that nobody refreshes is gone after an hour at most."],
      lines: ["max-allocate-lifetime=3600"],
    },
  ];
}

function process({ runAs }: TurnServerSettings): Paragraph[] {
  return [
    {
      why: ["If it is started as root, it becomes this user as soon as it has its files and ports."],
      lines: [`proc-user=${runAs.user}`, `proc-group=${runAs.group}`],
    },
    {
      why: [
        "To the journal. Never add `verbose`: it logs every session with the addresses of both people. As it is, only a",
        "refused peer is named (an address of the ranges below, never a public one), and credentials that were refused.",
      ],
      lines: ["log-file=stdout", "simple-log"],
    },
  ];
}

function peers({ relayIp }: TurnServerSettings): Paragraph[] {
  const own: Paragraph = {
    why: [
      "Two people who both use this server meet at its own address, and behind NAT that is one of the denied ones. Run no",
      "other UDP service on it.",
    ],
    lines: [`allowed-peer-ip=${relayIp}`],
  };
  return [
    ...DENIED_IPV4.map(deny),
    {
      why: [
        "The rest matters only if an IPv6 relay-ip is ever added. No range may start at :: (4.6.1 then denies every IPv4",
        "peer), and each must hold for every byte alone (4.6.1 compares so).",
      ],
      lines: [],
    },
    ...DENIED_IPV6.map(deny),
    ...(deniedIpv4Range(relayIp) === null ? [] : [own]),
  ];
}

function deny({ first, last, what }: PeerRange): Paragraph {
  return { why: [what], lines: [`denied-peer-ip=${first}-${last}`] };
}
