/** The ICE server URLs (RFC 7065) under which browsers reach the TURN server. */

/** `udp` and `tcp` go to the plain port, `tls` to the TLS port. */
export const TURN_TRANSPORTS = ["udp", "tcp", "tls"] as const;
export type TurnTransport = (typeof TURN_TRANSPORTS)[number];

export interface TurnEndpoint {
  /** DNS name or IPv4 address. */
  readonly host: string;
  readonly port: number;
  readonly tlsPort: number;
  /** Those to offer, best first. */
  readonly transports: readonly TurnTransport[];
}

export function turnUrls({ host, port, tlsPort, transports }: TurnEndpoint): string[] {
  return transports.map((transport) => {
    switch (transport) {
      case "udp":
      case "tcp":
        return `turn:${host}:${port}?transport=${transport}`;
      case "tls":
        return `turns:${host}:${tlsPort}?transport=tcp`;
      default:
        return transport satisfies never;
    }
  });
}
