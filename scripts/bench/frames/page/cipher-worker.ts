/**
 * AES-256-GCM from WebCrypto and nothing else: no header, counter, key by epoch, replay window or padding. What no
 * frame worker can do without.
 */
import type { Frame } from "./frames.ts";
import { key, serve } from "./serve.ts";

const NONCE = new Uint8Array(12);
const NOTHING = new Uint8Array(0);
const ALGORITHM = { name: "AES-GCM", iv: NONCE, additionalData: NOTHING };

void serve(async () => {
  const aes = await crypto.subtle.importKey("raw", key(), "AES-GCM", false, ["encrypt", "decrypt"]);
  return {
    attach(direction, _track, readable, writable) {
      const [reader, writer] = [readable.getReader(), writable.getWriter()];
      const work = (data: ArrayBuffer) =>
        direction === "send"
          ? crypto.subtle.encrypt(ALGORITHM, aes, data)
          : crypto.subtle.decrypt(ALGORITHM, aes, data);
      const pump = ({ done, value }: ReadableStreamReadResult<Frame>): void => {
        if (done) return;
        void work(value.data).then((data) => {
          value.data = data;
          void writer.write(value);
        });
        void reader.read().then(pump);
      };
      void reader.read().then(pump);
    },
  };
});
