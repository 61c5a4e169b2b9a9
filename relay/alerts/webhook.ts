/**
 * Alerts as a POST of JSON.
 *
 *   {"id":…,"rule":…,"raised":"2026-11-26T02:12:00.000Z","count":…,"url":…,"text":"…"}
 *   X-Quietroom-Signature: sha256=HEX, HMAC-SHA-256 of the body's bytes under ALERT_WEBHOOK_SECRET
 *
 * Taken is what is answered with 2xx. The same alert may come twice: its id says so.
 */
import { createHmac } from "node:crypto";
import { NotTaken, type Receiver } from "./receiver.ts";
import type { WebhookSettings } from "./settings.ts";
import { WORDS } from "./words.ts";

export function createWebhook({ url, secret }: WebhookSettings): Receiver {
  return {
    name: "webhook",
    async send({ id, rule, raised, count, url: place }, signal) {
      // Chat services show `text` and leave out the rest.
      const text = `Quietroom: ${WORDS[rule].title} (${place})`;
      const body = JSON.stringify({
        id,
        rule,
        raised: new Date(raised).toISOString(),
        count,
        url: place,
        text,
      });
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "user-agent": "Quietroom",
          ...(secret === null ? {} : { "x-quietroom-signature": `sha256=${signatureOf(body, secret)}` }),
        },
        body,
        // Where the operator has sent it, and nowhere else.
        redirect: "manual",
        signal,
      });
      // What it answers is not read.
      await response.body?.cancel();
      if (!response.ok) throw new NotTaken(`HTTP-${response.status}`);
    },
  };
}

function signatureOf(body: string, secret: string): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}
