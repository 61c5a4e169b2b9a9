/** The headers that tell the browser what these pages never do. */
import type { RequestHandler } from "express";
import helmet from "helmet";
import { TRUSTED_TYPES_POLICY } from "../wire/page.ts";

const YEARS_2 = 63_072_000;

/** What the pages use; everything else that a browser offers is switched off. */
const PERMISSIONS = [
  "camera=(self)",
  "microphone=(self)",
  "display-capture=(self)",
  ...[
    "accelerometer",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "midi",
    "payment",
    "serial",
    "usb",
    "xr-spatial-tracking",
  ].map((feature) => `${feature}=()`),
].join(", ");

/** @param origins the origins that the pages are served from */
export function securityHeaders(origins: ReadonlySet<string>, https: boolean): RequestHandler[] {
  // Not every browser counts the WebSocket of the page's own origin as 'self'.
  const sockets = Array.from(origins, (origin) => origin.replace(/^http/, "ws"));
  const shield = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        "default-src": ["'none'"],
        "script-src": ["'self'", "'wasm-unsafe-eval'"],
        "worker-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:"],
        "connect-src": ["'self'", ...sockets],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": [TRUSTED_TYPES_POLICY],
        ...(https ? { "upgrade-insecure-requests": [] } : {}),
      },
    },
    crossOriginEmbedderPolicy: { policy: "require-corp" },
    crossOriginOpenerPolicy: { policy: "same-origin" },
    crossOriginResourcePolicy: { policy: "same-origin" },
    referrerPolicy: { policy: "no-referrer" },
    strictTransportSecurity: https ? { maxAge: YEARS_2, includeSubDomains: false } : false,
    xFrameOptions: { action: "deny" },
  });
  return [
    shield,
    (_request, response, next) => {
      response.setHeader("Permissions-Policy", PERMISSIONS);
      next();
    },
  ];
}
